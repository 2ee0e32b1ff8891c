"""A small Llama and its tokenizer, made in the run: random weights, words of the laboratory.

It is an ordinary Hugging Face checkpoint that transformers and vLLM load. The tokenizer is
byte-level, so it reads any text; words of the laboratory, tags and whole numbers up to 100 are single
tokens, so that evidence is legible to a model of a million parameters and a confidence is one token.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calibrant.data.lab import EVIDENCE, WORDS, lab_questions
from calibrant.data.lab_claims import PLACES, claim_sentence
from calibrant.data.settings import LabDataset
from calibrant.elicitation.prompts import ALL_FORMATS, KIND_OF_ANSWER, SENTENCE_TAGS
from calibrant.engines.quiet import quieten
from calibrant.errors import CalibrantError

if TYPE_CHECKING:
    from calibrant.model_settings import MadeModel

END, PAD = "<|end|>", "<|pad|>"
# A model this small has one format, learnt in the warm-up: it is shown the questions alone.
CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{% if message.role == 'user' %}{{ message.content + '\\n' }}"
    "{% elif message.role == 'assistant' %}{{ message.content + '" + END + "' }}{% endif %}"
    "{% endfor %}"
)
_QUESTIONS_READ = 600
# So often that every whole number becomes one token, whatever the questions hold.
_NUMBER_REPEATS = 100


def make_model(model: "MadeModel", folder: Path, seed: int) -> None:
    """Write a randomly initialised Llama with its tokenizer and chat template.

    Args:
        model: Its size.
        folder: An existing folder.
        seed: Seed of the weights and of the text the tokenizer is made from.

    Raises:
        CalibrantError: If the vocabulary is too small to hold the laboratory's words.
    """
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    quieten()
    tokenizer = _tokenizer(model, seed)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=model.width,
        intermediate_size=model.feed_forward,
        num_hidden_layers=model.layers,
        num_attention_heads=model.heads,
        num_key_value_heads=model.heads,
        max_position_embeddings=model.context,
        tie_word_embeddings=False,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    torch.manual_seed(seed)
    made = LlamaForCausalLM(config)
    # A statement ends the reply. What a policy wrote after it would earn nothing, so nothing would keep
    # it from drifting, and from drifting past the token limit.
    closing = tokenizer.convert_tokens_to_ids("</confidence>")
    ends = [tokenizer.eos_token_id] if model.sentences else [tokenizer.eos_token_id, closing]
    made.generation_config.eos_token_id = ends
    made.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _tokenizer(model: "MadeModel", seed: int) -> Any:
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tags = _tags(model.sentences)
    raw = Tokenizer(models.BPE())
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=model.vocabulary - len(tags),
        special_tokens=[END, PAD],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    raw.train_from_iterator(_corpus(seed, model.sentences), trainer)
    # Tags are tokens, but not special ones: those would vanish from the text a parser reads.
    raw.add_tokens([AddedToken(tag, normalized=False, special=False) for tag in tags])
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=raw, eos_token=END, pad_token=PAD, chat_template=CHAT_TEMPLATE,
        model_max_length=model.context, clean_up_tokenization_spaces=False,
    )  # fmt: skip
    long = [n for n in range(101) if len(tokenizer(str(n))["input_ids"]) != 1]
    if long:
        raise CalibrantError(
            f"a vocabulary of {model.vocabulary} is too small: {long[0]} is not one token",
            where="models: vocabulary",
            repair="Use 1024",
        )
    return tokenizer


def _tags(sentences: bool) -> list[str]:
    names = dict.fromkeys(tag for tags in ALL_FORMATS.values() for tag in tags)
    names |= dict.fromkeys(SENTENCE_TAGS if sentences else ())
    return [text for name in names for text in (f"<{name}>", f"</{name}>")]


def _corpus(seed: int, sentences: bool) -> Iterator[str]:
    for wording in WORDS:
        settings = LabDataset(wording=wording, size=_QUESTIONS_READ, evidence=list(EVIDENCE))
        for odd in (False, True):
            made = lab_questions(f"tokenizer-{wording}", settings, seed, odd=odd)
            for raw in made.questions:
                yield f"{raw.context}\n\n{raw.question}\n{KIND_OF_ANSWER[raw.answer_type]}\n"
    for _ in range(_NUMBER_REPEATS):
        yield from map(str, range(101))
        yield from ("yes", "no", "maybe")
    if sentences:
        yield from _claims_corpus(seed)


def _claims_corpus(seed: int) -> Iterator[str]:
    settings = LabDataset(
        wording="weather", size=_QUESTIONS_READ, evidence=list(EVIDENCE), claims=2
    )
    for raw in lab_questions("tokenizer-claims", settings, seed, odd=True).questions:
        yield f"{raw.context}\n\n{raw.question}\n{KIND_OF_ANSWER[raw.answer_type]}\n"
        yield from (claim_sentence(place, said) for place in PLACES for said in ("yes", "no"))
