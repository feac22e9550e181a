"""Tiny cross-encoders with random weights, made on the spot: no hub is reached."""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import BertProcessing
from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

_MARKS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
_SIGNS = "越城海曙区老旧小改造生产总值增长投资多少年个了%0123456789abcdefghijklmnopqrstuvwxyz"


def make_cross_encoder(folder: Path, *, classes: int = 1, positions: int = 64) -> Path:
    """A BERT of two layers for pairs of texts, saved as transformers saves one."""
    vocabulary = {sign: number for number, sign in enumerate([*_MARKS, *dict.fromkeys(_SIGNS)])}
    tokenizer = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.post_processor = BertProcessing(
        ("[SEP]", vocabulary["[SEP]"]), ("[CLS]", vocabulary["[CLS]"])
    )
    with torch.random.fork_rng():
        torch.manual_seed(1)
        model = BertForSequenceClassification(
            BertConfig(
                vocab_size=len(vocabulary),
                hidden_size=32,
                num_hidden_layers=2,
                num_attention_heads=2,
                intermediate_size=64,
                max_position_embeddings=positions,
                num_labels=classes,
                initializer_range=0.5,
            )
        )
    model.save_pretrained(folder)
    BertTokenizerFast(tokenizer_object=tokenizer).save_pretrained(folder)
    return folder
