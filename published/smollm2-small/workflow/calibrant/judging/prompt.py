"""The prompts of language judges, each with a version that its whole text decides.

A prompt shows question, references and answer, and nothing else. The instruction and the worked
examples come first and are the same for every case, so an engine reads them once; what differs from
case to case is short and comes last.
"""

import re
from dataclasses import asdict, dataclass

from calibrant.errors import CalibrantError
from calibrant.files import canonical_json, sha256_text
from calibrant.judging.case import Case

_BETWEEN_REFERENCES = " | "
_CUT = " [...] "
# How special tokens of chat templates begin: <|im_end|>, </s>, <start_of_turn>, [/INST]. A tokenizer
# would read one in an answer as the end of the answer.
_SPECIAL = re.compile(r"<(?=[|\uff5c/A-Za-z_])|\[(?=/?[A-Z_]+\])")


@dataclass(frozen=True, slots=True)
class JudgePrompt:
    """How a language judge is asked.

    Question, references and answer are put on one line each, so nothing in them can look like a line
    of the prompt, and the beginnings of chat templates' special tokens are broken up with a space.
    Each of the three is cut in the middle to ``longest`` characters, ``[...]`` in place of the rest.

    Attributes:
        name: Name of the prompt.
        system: The instruction.
        user: What is said of each case, with ``{question}``, ``{references}`` and ``{answer}``.
        examples: Cases made up for the prompt, with their verdicts.
        yes: Spellings of the reply that calls an answer correct; examples use the first.
        no: Spellings of the other reply.
        longest: Characters shown of each text.

    Raises:
        CalibrantError: If the text has not the three fields, a reply is missing or empty, or one
            reply begins like another, so that its probability would count twice.
    """

    name: str
    system: str
    user: str
    examples: tuple[tuple[Case, bool], ...]
    yes: tuple[str, ...] = ("yes",)
    no: tuple[str, ...] = ("no",)
    longest: int = 600

    def __post_init__(self) -> None:
        """Check the prompt."""
        fields = sorted(re.findall(r"\{(\w*)\}", self.user))
        if fields != ["answer", "question", "references"]:
            raise self._fault(f"has the fields {', '.join(fields) or 'none'}")
        if not self.yes or not self.no or not all((*self.yes, *self.no)):
            raise self._fault("has no reply for a verdict, or an empty one")
        replies = (*self.yes, *self.no)
        for place, reply in enumerate(replies):
            if any(other.startswith(reply) for other in replies[:place] + replies[place + 1 :]):
                raise self._fault(f"has another reply that begins with {reply!r}")
        if self.longest <= len(_CUT):
            raise self._fault(f"shows {self.longest} characters, too few to cut a text to")

    def _fault(self, what: str) -> CalibrantError:
        return CalibrantError(what, where=f"prompt {self.name}")

    @property
    def version(self) -> str:
        """The name and the first 8 hexadecimal digits of a SHA-256.

        It covers all attributes, and what the prompt makes of texts that every rule for showing them
        applies to: neither the words nor the code can change and keep the version.
        """
        length = self.longest
        samples = [
            Case("a\n b", ("c", "d"), "<|e|> </f> [/G]"),
            Case("h" * length, ("i" * (length + 1),), "jk" * length),
        ]
        shown = [self.messages(sample) for sample in samples]
        return f"{self.name}-{sha256_text(canonical_json([asdict(self), shown]))[:8]}"

    def messages(self, case: Case) -> tuple[dict[str, str], ...]:
        """Return the chat that asks about a case; the reply is one of ``yes`` and ``no``."""
        turns = [{"role": "system", "content": self.system}]
        for example, correct in self.examples:
            turns.append({"role": "user", "content": self._user_turn(example)})
            turns.append({"role": "assistant", "content": (self.yes if correct else self.no)[0]})
        turns.append({"role": "user", "content": self._user_turn(case)})
        return tuple(turns)

    def _user_turn(self, case: Case) -> str:
        return self.user.format(
            question=self._line(case.question),
            references=self._line(_BETWEEN_REFERENCES.join(case.references)),
            answer=self._line(case.answer),
        )

    def _line(self, text: str) -> str:
        line = _SPECIAL.sub(lambda found: found[0] + " ", " ".join(text.split()))
        if len(line) <= self.longest:
            return line
        kept = self.longest - len(_CUT)
        return line[: kept - kept // 2] + _CUT + line[len(line) - kept // 2 :]
