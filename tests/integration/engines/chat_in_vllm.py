"""Run by an interpreter that has vLLM and nothing of this package: a checkpoint loaded in one line.

Usage: chat_in_vllm.py FOLDER CHATS ANSWERS. A chat is a list of messages; answers are greedy.
"""

import json
import sys
from pathlib import Path

from vllm import LLM, SamplingParams


def main(folder: str, chats: str, answers: str) -> None:
    asked = json.loads(Path(chats).read_text())
    # In float32 because that is what it is compared in; without compiling, which takes minutes.
    llm = LLM(folder, dtype="float32", enforce_eager=True)
    # As the model card says: a token that ends the reply is a part of it.
    greedy = SamplingParams(
        temperature=0, max_tokens=asked["longest"], include_stop_str_in_output=True
    )
    replies = llm.chat(asked["chats"], greedy, use_tqdm=False)
    found = [
        {
            "text": reply.outputs[0].text,
            "tokens": [*reply.prompt_token_ids, *reply.outputs[0].token_ids],
        }
        for reply in replies
    ]
    Path(answers).write_text(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
