"""The training losses: for fully or partly annotated tags, for teachers, and for whether a window has a span."""

from typing import Any

import torch

from afteraction.data.tokens import IGNORED


def token_loss(
    outputs: Any,
    labels: torch.Tensor,
    *,
    unknown: torch.Tensor | None = None,
    num_items_in_batch: torch.Tensor | None = None,
) -> torch.Tensor:
    """Returns the summed loss of the labelled tokens, divided by their number in all processes in this step.

    The loss of a token is its cross entropy. A token with tag `O` in an article with unknown labels has the marginal
    loss instead, since it may have one of them.

    Args:
        outputs: the output of the model, with `logits` of shape (windows, tokens, tags).
        labels: the tags, or `IGNORED`, shape (windows, tokens).
        unknown: True for the labels that were not annotated, shape (windows, labels); None if all were.
        num_items_in_batch: the number of labelled tokens in all processes; None to count those in `labels`.
    """
    logits, tags = outputs["logits"], labels.view(-1)
    logits = logits.view(-1, logits.shape[-1]).float()
    if unknown is not None and unknown.any():
        # Open tokens get the marginal loss here and are ignored below.
        unknown_of_token = unknown.repeat_interleave(labels.shape[1], dim=0)
        is_open = (tags == 0) & unknown_of_token.any(dim=1)
        total = marginal_loss(logits[is_open], unknown_of_token[is_open])
        tags = tags.masked_fill(is_open, IGNORED)
    else:
        total = logits.new_zeros(())
    total = total + torch.nn.functional.cross_entropy(logits, tags, ignore_index=IGNORED, reduction="sum")
    return total / _divisor(labels, num_items_in_batch)


def distillation_loss(
    outputs: Any,
    labels: torch.Tensor,
    teacher: torch.Tensor,
    *,
    temperature: float,
    num_items_in_batch: torch.Tensor | None = None,
) -> torch.Tensor:
    """Returns the divergence of the model from its teachers over the labelled tokens, divided as in `token_loss`.

    The loss of a token is the Kullback-Leibler divergence of the model's probabilities from the teachers', both at the
    given temperature. It is multiplied by the square of the temperature, which keeps the size of gradients (Hinton,
    Vinyals and Dean, "Distilling the Knowledge in a Neural Network", 2015).

    Args:
        outputs: the output of the model, with `logits` of shape (windows, tokens, tags).
        labels: the tags, or `IGNORED`, shape (windows, tokens).
        teacher: the teachers' probabilities, shape (windows, tokens, tags). Zeros add nothing to the loss.
        temperature: the temperature that the teachers' probabilities were computed at.
        num_items_in_batch: as for `token_loss`.
    """
    counted = labels != IGNORED
    own = (outputs["logits"][counted].float() / temperature).log_softmax(-1)
    divergence = torch.nn.functional.kl_div(own, teacher[counted], reduction="sum")
    return temperature**2 * divergence / _divisor(labels, num_items_in_batch)


def presence_loss(
    outputs: Any,
    labels: torch.Tensor,
    *,
    unknown: torch.Tensor | None = None,
    num_items_in_batch: torch.Tensor | None = None,
) -> torch.Tensor:
    """Returns the loss of predicting whether each window has a span. Arguments and divisor are those of `token_loss`.

    The prediction is made at a window's first subword, which is special and not labelled. There, tag `O` means that the
    window has no span, and all other tags together mean that it has one. Windows without a span are left out if their
    article has unknown labels, or no text: a batch of them has no labelled tokens to divide by.
    """
    scores = outputs["logits"][:, 0].float().log_softmax(-1)
    present = (labels > 0).any(dim=1)
    likelihood = torch.where(present, scores[:, 1:].logsumexp(-1), scores[:, 0])
    counted = (labels != IGNORED).any(dim=1)
    if unknown is not None:
        counted &= present | ~unknown.any(dim=1)
    return -likelihood[counted].sum() / _divisor(labels, num_items_in_batch)


def marginal_loss(logits: torch.Tensor, unknown: torch.Tensor) -> torch.Tensor:
    """Returns the summed loss of tokens that may have tag `O` or any tag of an unknown label.

    The loss of a token is minus the log of the summed probability of these tags: the likelihood of a partial annotation
    for a classifier of single tokens (Tsuboi, Kashima, Mori, Oda and Matsumoto, "Training Conditional Random Fields
    Using Incomplete Annotations", Coling 2008). The annotation rules out the other labels, but leaves open which of
    these tags is right. So the loss does not push the logits of unknown labels down.

    Args:
        logits: shape (tokens, tags), the tags as `LabelScheme` numbers them.
        unknown: True for the unknown labels of each token, shape (tokens, labels).
    """
    # Tag 0 is `O`, which is always possible; each label has two tags.
    possible = torch.nn.functional.pad(unknown.repeat_interleave(2, dim=1), (1, 0), value=True)
    return (logits.logsumexp(-1) - logits.masked_fill(~possible, -torch.inf).logsumexp(-1)).sum()


def _divisor(labels: torch.Tensor, num_items_in_batch: torch.Tensor | None) -> torch.Tensor:
    return num_items_in_batch if num_items_in_batch is not None else (labels != IGNORED).sum()
