"""What a model card says of loading a model and asking it."""

import json

from calibrant.elicitation.prompts import SENTENCE_TAGS, build_messages, format_tags
from calibrant.elicitation.scales import SCALES
from calibrant.reporting.model_card_settings import ModelCardSettings
from calibrant.rows import Question

PLACEHOLDER = "YOUR QUESTION"


def use_text(settings: ModelCardSettings) -> str:
    """Return how to load the model, what to send, and what comes back."""
    scale = SCALES[settings.elicitation.scale]
    tags = format_tags(settings.elicitation.format)
    often = ", once or more often" if tags == SENTENCE_TAGS else ""
    reply = "".join(f"<{tag}>{'C' if tag == 'confidence' else '...'}</{tag}>" for tag in tags)
    messages = json.dumps(_messages(settings), ensure_ascii=False, indent=1)
    place = json.dumps(settings.place)
    return "\n\n".join(
        [
            "With transformers, or as a server with vLLM:",
            "```python\n"
            f'from transformers import pipeline; ask = pipeline("text-generation", {place})\n'
            "```",
            f"```\nvllm serve {settings.place}\n```",
            f"It replies `{reply}`{often}, where C is {scale.instruction}. It does so when asked in "
            "exactly these words:",
            f"```json\n{messages}\n```",
            "Its figures are of answers made as by "
            f'`ask(messages, {_generated(settings)})[0]["generated_text"][-1]["content"]`. '
            "A reply without a readable C states no confidence; it does not mean 0. Ask vLLM with "
            '`"include_stop_str_in_output": true`: a model that ends at `</confidence>` is otherwise '
            "returned without it, and half a number would look like a whole one. vLLM reads float32 "
            "weights as bfloat16 unless told `--dtype float32`.",
        ]
    )


def _generated(settings: ModelCardSettings) -> str:
    generation = settings.generation
    limit = f"max_new_tokens={generation.max_new_tokens}"
    if generation.temperature == 0:
        return f"do_sample=False, {limit}"
    return f"do_sample=True, temperature={generation.temperature:g}, top_k=0, {limit}"


def _messages(settings: ModelCardSettings) -> list[dict[str, str]]:
    options = ("FIRST OPTION", "SECOND OPTION") if settings.answer_type == "choice" else ()
    question = Question(
        "card/1", "card", "any", "test", settings.answer_type, PLACEHOLDER, (), None, options
    )
    return build_messages(question, settings.elicitation)
