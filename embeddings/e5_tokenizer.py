"""Rebuilds the tokenizer of multilingual-e5-small (XLM-RoBERTa's SentencePiece unigram model)."""

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers
from tokenizers.processors import TemplateProcessing

_BOS, _EOS = "<s>", "</s>"

_DROPPED = r"[\x00-\x08\x0b\x0e-\x1f\x7f\x8f\x9f]"
_SPACES = r"[\t\n\x0c\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]"
# NFKC folds the full-width tilde, SentencePiece's nmt_nfkc keeps it: 1～9月 would get other
# tokens. It is carried past NFKC as a private character.
_TILDE, _CARRIED = "\uff5e", "\ue000"


def build_e5_tokenizer(pieces: list[tuple[str, float]]) -> Tokenizer:
    """A tokenizer over SentencePiece pieces with their scores, in order of their ids."""
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=3, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex(_DROPPED), ""),
            normalizers.Replace(Regex(_SPACES), " "),
            normalizers.Replace(_TILDE, _CARRIED),
            normalizers.NFKC(),
            normalizers.Replace(_CARRIED, _TILDE),
            normalizers.Strip(left=False, right=True),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = TemplateProcessing(
        single=f"{_BOS} $A {_EOS}",
        pair=f"{_BOS} $A {_EOS} {_EOS} $B {_EOS}",
        special_tokens=[(_BOS, 0), (_EOS, 2)],
    )
    tokenizer.add_special_tokens([_BOS, "<pad>", _EOS, "<unk>", AddedToken("<mask>", lstrip=True)])
    return tokenizer
