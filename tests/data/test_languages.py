import sys
from collections.abc import Iterator

import pytest

from afteraction.data import Article, InputNotice, read_named
from afteraction.data.languages import OtherLanguages, check_languages, other_language

FOREIGN = {
    "fr": "Au moins douze personnes ont été tuées dimanche dans une attaque contre un village du centre du pays, ont "
    "indiqué des élus locaux. Les assaillants, venus à moto, ont incendié le marché avant de prendre la fuite.",
    "es": "Al menos doce personas murieron el domingo en un ataque contra una aldea del centro del país, informaron "
    "las autoridades locales. Los atacantes llegaron en motocicletas y quemaron el mercado antes de huir.",
    "ar": "قتل اثنا عشر شخصا على الأقل يوم الأحد في هجوم على قرية في وسط البلاد، حسبما قال مسؤولون محليون. وأضرم "
    "المهاجمون النار في السوق قبل أن يفروا على دراجات نارية نحو الجبال القريبة من الحدود.",
    "ru": "По меньшей мере двенадцать человек погибли в воскресенье в результате нападения на деревню в центре страны, "
    "сообщили местные власти. Нападавшие приехали на мотоциклах и подожгли рынок, а затем скрылись.",
    "zh": "据当地官员称，星期日该国中部一个村庄遭到武装分子袭击，至少十二人死亡，另有多人受伤。"
    "袭击者骑摩托车而来，放火烧毁了市场，"
    "随后逃往附近的山区。",
    "pt": "Pelo menos doze pessoas morreram no domingo em um ataque contra uma aldeia no centro do país, disseram "
    "autoridades locais. Os atacantes chegaram em motocicletas e queimaram o mercado antes de fugir.",
    "de": "Mindestens zwölf Menschen sind am Sonntag bei einem Angriff auf ein Dorf im Zentrum des Landes getötet "
    "worden, teilten die Behörden mit. Die Angreifer kamen auf Motorrädern und steckten den Markt in Brand.",
    "id": "Sedikitnya dua belas orang tewas pada hari Minggu dalam serangan terhadap sebuah desa di bagian tengah "
    "negara itu, kata pejabat setempat. Para penyerang datang dengan sepeda motor dan membakar pasar.",
}
ENGLISH = (
    "At least twelve people were killed on Sunday in an attack on a village in the centre of the country, local "
    "officials said. The attackers came on motorbikes and burnt the market before they fled."
)


@pytest.mark.parametrize("text", FOREIGN.values(), ids=FOREIGN.keys())
def test_a_text_in_another_language_is_told_also_in_capitals(text: str) -> None:
    assert other_language(text, ["en"]) not in (None, "en")
    assert other_language(text.upper(), ["en"]) is not None


def test_the_language_is_named_and_may_be_one_that_the_model_knows() -> None:
    assert other_language(FOREIGN["fr"], ["en", "de"]) == "fr"
    assert other_language(FOREIGN["fr"], ["en", "fr"]) is None
    assert other_language(ENGLISH, ["fr"]) == "en"


@pytest.mark.parametrize("text", [ENGLISH, ENGLISH.upper(), "Attaque au Mali : douze personnes tuées", "", "12 " * 40])
def test_english_and_headlines_are_not_told(text: str) -> None:
    assert other_language(text, ["en"]) is None


def test_no_bundled_article_is_told() -> None:
    articles = list(read_named(["bundled:dev"]))
    assert [article.id for article in articles if other_language(article.text, ["en"])] == []


def checked(others: OtherLanguages, *, languages: tuple[str, ...] = ("en",)) -> tuple[list[str], list[Exception]]:
    notices: list[Exception] = []

    def stream() -> Iterator[Article]:
        yield from (Article("one", ENGLISH), Article("two", FOREIGN["fr"]), Article("three", FOREIGN["ru"]))

    passed = check_languages(stream(), languages=languages, others=others, on_notice=notices.append)
    return [article.id for article in passed], notices


@pytest.mark.parametrize(("others", "ids"), [("label", ["one", "two", "three"]), ("leave-out", ["one"])])
def test_each_article_is_told_and_all_are_counted(others: OtherLanguages, ids: list[str]) -> None:
    passed, notices = checked(others)
    assert passed == ids
    assert all(isinstance(notice, InputNotice) for notice in notices)
    assert ["two" in str(notices[0]), "fr" in str(notices[0]), "three" in str(notices[1])] == [True] * 3
    assert str(notices[2]).endswith("2; see --other-languages")


def test_nothing_is_told_if_told_so_or_if_no_language_is_known() -> None:
    assert checked("off") == (["one", "two", "three"], [])
    assert checked("leave-out", languages=()) == (["one", "two", "three"], [])


def test_without_the_extra_articles_are_labelled_and_leaving_out_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from afteraction.data import languages

    languages._identifier.cache_clear()
    monkeypatch.setattr(languages, "_is_installed", lambda: False)
    monkeypatch.setitem(sys.modules, "py3langid.langid", None)
    assert checked("label") == (["one", "two", "three"], [])
    with pytest.raises(ModuleNotFoundError):
        checked("leave-out")
