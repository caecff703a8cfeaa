"""EPITOME's mechanisms of empathy (Sharma et al., 2020), read sentence by sentence from their published definitions.

*Emotional reactions* are the supporter's own warmth, compassion and concern: said outright they are strong, alluded to (wishes,
encouragement, offers of company) weak. *Interpretations* tell what the supporter takes the seeker to feel, or own experience of
the same. *Explorations* ask after what the seeker has not told; people put many of their questions without a question mark.

The fitted heads of the corpus add what the turns of phrase do not catch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from empathy_gym.seeker.heads import LEVELS
from empathy_gym.seeker.screening import Screened
from empathy_gym.seeker.text import words

if TYPE_CHECKING:
    from empathy_gym.seeker.reading import Unit

CLEAR = 700
"""Per mille below which a fitted emotional reaction or exploration is taken as absent: people's labels have three levels, and small differences below a clear sign would be noise."""

RULE, FITTED = 7, 3
"""Tenths that the turns of phrase and the fitted heads weigh."""

_PATTERNS = {
    "felt": (
        r"\bsorry (?:you|ur|u|that you|to (?:hear|read|see)|for (?:your|ur|you)|about (?:your|what)|it|things|this)|(?:so|really|very|truly) sorry\b|"
        r"feel (?:so |really )?(?:bad|sad|sorry|awful) for you|i feel for (?:you|ya|u)\b|heart (?:is )?(?:breaks?|breaking|goes|aches)|breaks my heart|"
        r"(?:i'm|im|i am|so|really) (?:so |really |very )?(?:glad|happy|proud|excited|thrilled|worried|concerned|sad|heartbroken|relieved) (?:you|for (?:you|u)|of (?:you|u)|that you|to (?:hear|see|read)|about you|it)|"
        r"(?:i|we) (?:really |do |still |truly |all )?(?:love|care (?:about|for)|worry about|appreciate) (?:you|u|ya)\b|proud of (?:you|u)|makes me (?:so )?(?:sad|happy|angry|cry)|"
        r"congrat|sad to (?:hear|see|read)|(?:good|great|glad|happy) to hear"
    ),
    "alluded": (
        r"^(?:aw+|damn|ugh|oh (?:no|man|god)|man,|shit)\b|\bsorry\b(?! (?:for (?:the|my|bad|being|any|if|asking|this|not)|if|i|but|to (?:bother|ask|be)|lol|about (?:my|the)))|"
        r"\bhope (?:you|it|things|that|all|everything|this|to|ur|u\b)|\bhugs?\b|<3|good luck|best of luck|luck to you|\bwish you|stay (?:safe|strong|with us)|hang in|take care|"
        r"(?:you|u) (?:got|'ve got|can (?:do|get through|make)) (?:this|it)|(?:this|that|it)(?:'s| is|) (?:really |just |so |pretty |absolutely )?(?:sucks?|awful|terrible|horrible|tough|rough|hard|brutal|heartbreaking|shitty|fucked|unfair)\b|"
        r"^sucks|sounds (?:\w{1,12} )?(?:awful|terrible|horrible|tough|rough|hard|painful|exhausting|shitty)|not alone|"
        r"(?:it|things|everything|life|this)(?:'ll| will|) (?:all |always |eventually |really |does )?(?:gets?|be|work|pass|turn) (?:better|ok|okay|fine|alright|out|easier|around|pass)|"
        r"keep (?:fighting|going|your head|at it|trying|pushing)|don't give up|(?:be|go) (?:kind|gentle|good|easy) (?:to|on|with) yourself|here (?:for|if|to) (?:you|listen|talk|u)|"
        r"(?:pm|dm|message|msg|inbox|hit) me\b|lend (?:an|a) ear|(?:i'm|im|we're|i am|we are) here\b|"
        r"you(?:'re| are) (?:\w{1,12} )?(?:loved|beautiful|amazing|strong|worth|wonderful|special|brave|great|enough|awesome|kind|good|not (?:alone|worthless|a))|(?:you|u) (?:matter|deserve|are loved)|"
        r"(?:with|thinking of|rooting for|praying for) (?:you|u)\b|happy (?:birthday|new)|welcome\b|cheers|much love|i know (?:how you feel|the feeling|that feel|what (?:it|that)(?:'s| is) like)|"
        r"(?:it's|its|that's|it is|totally|perfectly) (?:ok|okay|alright|fine|normal|understandable)\b|nothing wrong with|"
        r"don't (?:worry|be (?:so )?(?:hard|sad|scared|afraid|sorry|ashamed)|beat yourself|blame yourself|feel (?:bad|guilty|ashamed))|you'll (?:be (?:ok|okay|fine|alright)|make it|get there|get through|find)|"
        r"(?:we're|we are|you're|you are) (?:all )?(?:only |just )?human|believe in (?:you|u)\b|please (?:don't|stay|take|be|keep|know|hang)|(?:not|isn't|wasn't) (?:your|ur) fault|well done|good (?:for|on) (?:you|u)\b|good job|"
        r"you (?:did|do) (?:great|good|well)|it hurts\b|my (?:friend|dear|man|dude)\b|(?:someone|people|somebody) (?:who )?(?:cares?|loves?)|there(?:'s| is| will be) (?:always )?(?:hope|light)|"
        r"(?:one|a) day at a time|best wishes|sending|god bless|blessings?"
    ),
    "lived": (
        r"\bi(?:'ve| have) (?:\w{1,12} )?(?:been|felt|had|gone|dealt|struggled|lost|tried|done|never|always)\b|"
        r"\bi (?:\w{1,12} )?(?:felt|used to|was|had|went|lost|struggled?|suffer(?:ed)?|deal|feel|hate|did|got|still|started|tried|cry|cried|wake|can't|couldn't|don't (?:feel|have|know|want|see)|think about|live|wish|thought|have)\b|"
        r"\bi'm (?:also|the same|in|going through|a|at|on|so|just|\d{1,2})|"
        r"\bmy (?:mom|mum|dad|father|mother|brother|sister|wife|husband|girlfriend|boyfriend|ex|best friend|friends?|family|depression|anxiety|life|own)\b"
    ),
    "understood": (
        r"\bi (?:totally |completely |really |can |kind of |kinda |do |definitely |so )?(?:understand|get it|get that|get you|relate|know (?:how|what|that feel|exactly|the feeling)|feel (?:you|ya|this|u))|"
        r"\bme too\b|\bsame\b|\bbeen there\b|\bi'm (?:right )?there\b|\byou're not the only|this is me|are you me|relatable|so true|^this[.!]?$"
    ),
    "inferred": (
        r"\b(?:sounds|seems) like (?:you|u)\b|\byou (?:must|seem|probably|might|may)\b|must (?:be|feel|have been)|"
        r"you(?:'re| are) (?:\w{1,12} )?(?:feeling|scared|afraid|hurt|angry|tired|lonely|worried|exhausted|struggling|going through|stuck|trapped|burnt|overwhelmed|depressed|anxious|stressed)\b|"
        r"\byou feel\b|makes sense"
    ),
    "unmarked": (  # a question without its mark
        r"^(?:so |and |but |well |ok |okay |hey )?(?:what|how|why|when|where|who|which)(?:'s|'d|'re)? (?:is|are|was|were|do|did|does|have|has|had|would|made|makes|kind|long|old|often|many|much|about|happened|convinced|brought) .{0,80}\b(?:you|your|u|ur|it|that)\b|"
        r"^(?:so |and )?(?:(?:do|have) (?:you|u|ur|there)|(?:did|are|were|can|could|would|will|is|was) (?:you|u|your|it|there)) .{3,}|"
        r"^(?:aren't|don't|didn't|haven't|isn't|can't|couldn't|won't) (?:you|u|it|there)\b"
    ),
}
_SIGNS = Screened(_PATTERNS)
_YOU = frozenset("you your yours yourself you're you've you'd you'll youre u ur ya".split())
_ME = frozenset("i i'm i've i'd im my me we us our".split())


def mechanisms(levels: Sequence[int], units: Sequence[Unit], sentences: Sequence[str]) -> dict[str, int]:
    """The three mechanisms of one message.

    Args:
        levels: the fitted heads' per mille, in the order of ``LEVELS``.
        units: the sentences as they were judged.
        sentences: the same sentences, folded.

    Returns:
        ``emotional_reaction``, ``interpretation`` and ``exploration``, per mille of the top level.
    """
    if not units:
        return dict.fromkeys(("emotional_reaction", "interpretation", "exploration"), 0)
    level = dict(zip(LEVELS, levels, strict=True))
    fitted = {kind: (level[f"{kind}1"] + min(level[f"{kind}1"], level[f"{kind}2"])) // 2 for kind in ("er", "ip", "ex")}
    signs = [_SIGNS.found(text[:600]) for text in sentences]
    return {
        "emotional_reaction": _weighed(_reaction(signs), fitted["er"] if fitted["er"] >= CLEAR else 0),
        "interpretation": _weighed(_interpretation(signs), fitted["ip"]),
        "exploration": _exploration(units, sentences, signs, fitted["ex"]),
    }


def _weighed(rule: int, fitted: int) -> int:
    return (RULE * rule + FITTED * fitted) // (RULE + FITTED)


def _reaction(signs: Sequence[frozenset[str]]) -> int:
    felt = sum("felt" in s for s in signs)
    if felt:
        return 850 + 50 * min(felt, 3)
    alluded = sum("alluded" in s for s in signs)
    return 400 + 80 * min(alluded, 4) if alluded else 0


def _interpretation(signs: Sequence[frozenset[str]]) -> int:
    lived = min(4, sum("lived" in s for s in signs))
    understood, inferred = (any(name in s for s in signs) for name in ("understood", "inferred"))
    return min(1000, 300 * lived + 250 * understood + 200 * inferred)


def _exploration(units: Sequence[Unit], sentences: Sequence[str], signs: Sequence[frozenset[str]], fitted: int) -> int:
    asks, other, moves = 0, False, []
    for unit, text, found in zip(units, sentences, signs, strict=True):
        if unit.asks and _of_oneself(text):
            other = True
        elif unit.asks or (unit.words >= 3 and "unmarked" in found):
            asks += 1
            moves.append(unit.moves)
    if not asks:
        return 300 if other else fitted * 4 // 10 if fitted >= CLEAR else 0
    open_, specific = (max(m[name] for m in moves) for name in ("open_question", "specific"))
    return 600 + 100 * open_ // 1000 + 200 * specific // 1000 + 30 * min(asks, 3)


def _of_oneself(text: str) -> bool:
    """Whether a question is put about the speaker alone."""
    tokens = words(text)
    return _YOU.isdisjoint(tokens) and not _ME.isdisjoint(tokens)
