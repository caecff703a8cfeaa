"""Cues: turns of phrase that tell a harm or a move by themselves, where a rule is surer than a fitted head.

Each pattern is a plain alternation over folded text (no nested repetition: linear time on any input). A cue that stands inside
quotation marks, or is denied just before (``I won't say``, ``nobody thinks``), does not count.
"""

from __future__ import annotations

import re
from functools import lru_cache

from empathy_gym.seeker.screening import Screened

_HARMS = {
    "minimising": (
        r"at least you|at least it|at least they|at least he|at least she|(?:not|isn't|wasn't) (?:that|so) (?:bad|big|serious|hard)|"
        r"(?:others?|people|someone|somebody|plenty) (?:out there )?(?:have|has|had|got) it (?:much |far |way |so much )?(?:worse|harder)|"
        r"(?:^|, )(?:just |so )?be (?:glad|grateful|thankful)|you (?:should|ought to) (?:just |really )?(?:be (?:glad|grateful|thankful)|thank)|at your (?:age|stage)|"
        r"it was (?:only |just )?(?:a joke|a laugh|in fun|banter)|(?:was|were) (?:only |just )?(?:kidding|joking|teasing)|worse things|not a big deal|no big deal|not the end of the world|it's (?:just|only) a\b|it was (?:just|only) a\b|"
        r"making a (?:mountain|fuss|big deal)|everybody (?:is|goes|has|gets)|everyone (?:is tired|goes through|has problems|gets)|"
        r"first world problem|blow(?:ing)? (?:this|it) out of proportion|could be worse|could have been worse|happens to everyone"
    ),
    "judging": (
        r"(?<!not )(?<!n't )(?<!never )(?<!none )(?<!n't all )(?<!not all )(?:your|ur) (?:own )?(?:fault|doing)\b|you (?:brought|did) this (?:on|to) yourself|you (?:only )?have yourself to blame|"
        r"(?<!by rights )you should have (?:known|called|listened|thought|left|done|seen|asked|opened|checked|rung|kept|been (?:more|quicker|better|nicer|kinder|braver|careful|clearer|firmer))|you shouldn't have\b(?! to\b| had to\b)|you should've|"
        r"you (?:were|are|have been|were being) (?:so |too |just |being |a bit |really |plain )*(?:lazy|selfish|weak|childish|foolish|stupid|careless|reckless|cowardly|petty|naive|gullible|oversensitive|unfair|rude|irresponsible)\b|"
        r"(?:because of|thanks to|such is) your (?:cowardice|laziness|selfishness|pride|weakness|carelessness|stupidity)|^(?:and |but |so |honestly,? )?you let (?:them|him|her|everyone|everybody|us) (?:all )?down|"
        r"you had no (?:right|business)|(?:is|was|that's) (?:really |quite |frankly )?(?:unforgivable|childish|petty|sick|shameful|disgusting|a disgrace)|what were you thinking|(?:should|would|ought to) have known better|"
        r"(?:everyone|everybody|anyone) (?:knows|could have told you|with (?:any|some|half))|(?:she|he|they)(?:'s| has|'ve| have) (?:got )?a point|"
        r"pathetic|you're (?:too|so|being|just|such a|a) (?:sensitive|dramatic|lazy|weak|selfish|ridiculous|childish|needy|stupid|coward|mess|bad)|"
        r"you are (?:too|so|being|just) (?:sensitive|dramatic|lazy|weak|selfish|ridiculous|childish|needy|stupid)|"
        r"grow up|what did you expect|what's wrong with you|what is wrong with you|stop (?:whining|complaining|moaning|crying|feeling sorry)|"
        r"no wonder (?:people|she|he|they|nobody|no one|everyone) |you always (?:make|ruin|mess|do this|were)|overreact|shame on you|"
        r"(?<!no, )(?<!no )how could you|feeling sorry for yourself|you're the problem|you are the problem|you never learn"
    ),
    "commanding": (
        r"^(?:just )?(?:stop|quit|get over|snap out|man up|calm down|shut up|toughen up|suck it up|move on|pull yourself|deal with)\b|"
        r"you must (?:stop|not|never|do|go|get|tell|leave|forget|call)|you have to (?:stop|do as|leave|get over|obey|tell me|move on)|"
        r"you should (?:just |simply |really )?(?:stop|quit|get over|let it go|move on|snap)|you need to (?:stop|calm|get over|move on|grow|toughen|let it go)|do as i say|no excuses|end of discussion|right now\b.*(?:stop|must)|get over it|i order you|i forbid|pull yourself together|be an adult\b|get a grip|man up"
    ),
    "toxic_positivity": (
        r"(?:stay|be|think|keep|remain) positive|see the good in|fresh start|look on the bright side|good vibes|everything happens for a reason|cheer up|chin up|"
        r"just (?:smile|be happy|think happy)|happiness is a choice|smile and|silver lining|the universe|blessing in disguise|"
        r"every cloud|don't be sad|just be grateful|focus on the positive|when one door closes|every closed door|it's all for the best"
    ),
    "stock_comfort": (
        r"(?:so|very|really|truly) sorry (?:to hear|you're|you are|that you|for what|about)|sorry to hear|hang in there|stay strong|"
        r"(?:sounds|must be|seems) (?:so |really |very |incredibly |extremely |super )?(?:hard|tough|difficult|rough)(?: for you)?[.!]?$|"
        r"i'm here for you|here if you need|you're not alone|you are not alone|you got this|you've got this|sending (?:you )?(?:hugs|love|strength|good)|"
        r"it (?:will|'ll) (?:get better|be okay|be ok|be fine|be alright|pass)|it gets better|one day at a time|time heals|"
        r"(?:your|those|these) feelings (?:are|matter)|feelings are (?:completely |totally )?valid|it's ok(?:ay)? (?:to|not to)|be (?:gentle|kind) (?:with|to) yourself|"
        r"i (?:hear|understand|feel) (?:you|how you feel|what you're going)|i can (?:only )?imagine how|stronger than you (?:think|know)|take care of yourself|thank you for sharing|thanks for sharing"
    ),
    "false_promise": (
        r"i promise (?:you )?(?:it|that|everything|nothing|you|things|this|i)|i guarantee|guaranteed|everything (?:will|is going to) (?:be|work|turn)|"
        r"i(?:'ll| will) (?:always|never leave|be with you|be there forever)|nothing (?:bad )?(?:will|can) (?:happen|go wrong)|i love you"
    ),
    "telling_feelings": (
        r"you(?:'re| are) not (?:really |actually )?(?:angry|sad|scared|anxious|upset|hurt|lonely|depressed|in love)|you shouldn't (?:feel|be (?:angry|sad|upset|scared))|"
        r"you don't (?:really )?(?:feel|hate|mean that)|you (?:feel|are|must feel) (?:much |so much )?(?:better|calmer|happier|calm|happy) (?:now|already|again)|"
        r"you(?:'re| are) (?:calm|happy|fine|okay|over it) now|your (?:pain|distress|sadness|anger) is (?:gone|over)"
    ),
    "interrogating": r"answer me|tell me exactly|why won't you (?:answer|say|tell)|why did you(?: even)? do that|what exactly did you (?:say|do)|explain yourself|be specific",
    "mocking": r"boo hoo|great job (?:ruin|mess|break)|wow,? (?:great|impressive|what a surprise|good for you)|cry me a river|drama queen|little drama|good one|cry ?baby|poor little|snowflake|really impressive",
    "dismissing": (
        r"^whatever\b|who cares|(?:nobody|no one) cares|not my problem|don't care|are (?:you|we) done|i've got (?:better )?things to do|talk to someone who cares|"
        r"^k\.?$|so what(?: if\b|[,.!?]|$)|get over (?:it|yourself)|leave me alone|boring|forget (?:about )?it and|drop it"
    ),
    "agrees_distortion": (
        r"^(?:yes|yeah|right|true),? (?:yes,? )?you(?:'re| are) (?:a |an |such a |just a )?(?:burden|failure|fool|coward|bad)|it (?:really )?is (?:all )?hopeless|nobody will ever (?:change|love|want|help)|(?:exactly|just) as bad as you think|you're right about everything|they are all (?:terrible|awful|against you)|there is no way out|you (?:are|were|really are) (?:a burden|worthless|useless|a failure|unlovable|to blame)|you're (?:right,? )?(?:a burden|worthless|useless|a failure|unlovable)|"
        r"(?:yes|yeah|true|right|agreed|exactly),? (?:it's|it is|that's|you're|you are|they'd|they would)\b.*(?:fault|burden|hopeless|better off|worthless|never change|no point)|"
        r"better off without you|it is hopeless|there's no hope|it's hopeless"
    ),
    "prying_meta": (
        r"simulat|emotion (?:value|score|state|level|=|to)|previous instructions|system prompt|\breward\b|language model|\bas an ai\b|rate (?:me|this|our|my)|"
        r"hidden (?:need|intention)|set (?:your|the) (?:emotion|mood|feeling)|say (?:that )?you (?:feel|are) (?:better|happy|great)|say thank|outcome helped|\bchatbot\b|which of the (?:eight|8)|end the (?:talk|simulation|conversation) with|your score"
    ),
    "diagnosing": r"you (?:clearly |obviously |definitely |probably )?(?:have|suffer from|are) (?:a )?(?:adhd|ocd|bpd|ptsd|bipolar|autis|clinical|depressive|narciss|personality disorder)|textbook (?:case|narciss|depress)|that's (?:ocd|adhd|bipolar|depression)",
    "preaching": r"\brepent|god (?:has a plan|wants|will punish)|pray (?:on|about|for forgiveness|harder)|\bsin\b|sinful|a (?:decent|good|real) (?:person|man|woman|mother|father|parent) (?:would|does|doesn't|honou?rs)|moral duty",
    "isolating": r"only i (?:understand|get|know)|you only need me|don't tell (?:anyone|anybody|your|them|him|her)|they don't understand you|nobody else (?:understands|gets|will)|between (?:the two of )?us,? (?:right|okay)|don't need (?:them|anyone else|other people)|(?:nobody|no one|they) would(?:n't)? (?:even )?miss you\b|sense to give up on everything|there(?:'s| is) no way out,? you're right",
    "pity": r"poor (?:thing|you|soul|baby)|i pity you",
    "self_focus": r"i (?:would|could|should) never (?:have )?(?:fall|fallen|let|do|done|be|been|get|got)|i would have (?:noticed|known|seen|hung|left|told|walked|said|never)|that reminds me of (?:my|when i|me)|that's nothing|let me tell you about (?:my|me)|same here but|my (?:week|day|life) (?:was|is|has been) (?:even |so much |much )?(?:worse|bad|terrible)|i had such a|you wouldn't believe what happened to me|enough about you|wait (?:un)?till? you hear",
    "off_topic": r"buy one get one|the recipe needs|did you (?:see|watch) the (?:match|game)|which phone|\bcrypto|click (?:here|the link)",
}
_MOVES = {
    "permission": r"(?:would|is) it (?:be )?(?:ok|okay|all right|alright|fine|useful|helpful) if|(?:may|can|could) i (?:share|offer|suggest|give|tell you what)|mind if i|do you want (?:my|some|to hear)|would you like (?:to hear|my|some|an idea|a suggestion)|if you want to hear it|open to (?:a|an|some) (?:idea|thought|suggestion)",
    "autonomy": r"only if|you know best|up to you|your (?:call|choice|pace)|at your own pace|no rush|if (?:that|it) (?:fits|feels right|suits)|only you can|whatever you decide|you decide|or not\b|no pressure",
    "not_at_fault": r"(?:not|isn't|wasn't|never) (?:all )?(?:your|ur) (?:fault|doing|failure)|not (?:to|you who'?s to) blame|you're not to blame|none of (?:this|that|it) is (?:on you|your fault)|(?:couldn't|could not) have (?:known|stopped|prevented|done|seen)|didn't (?:cause|deserve) (?:this|that|it)|nothing you did|you did (?:what|all|everything) you could",
    "others_motive": r"(?:maybe|perhaps|could be|might be|possibly|i wonder (?:if|whether)|probably|could it be).{0,12}(?:he|she|they|your \w+|his|her|their) ?(?:was|were|is|are|had|has|might|may|felt|feels|didn't|couldn't|doesn't|panicked|needed|wanted|thought|feared|also)",
    "both_sides": r"(?:on )?(?:the )?one (?:hand|side)|other hand|at the same time|both (?:are|can be|true|things)|part of you .{0,60}(?:part|other)|you can .{0,50} and still|without (?:one|that) cancel|doesn't (?:make|cancel|undo)",
    "apologises": r"(?:i'm|i am) sorry (?:for|if|that) (?:what i|how i|i |that i|my|pushing|saying|being)|my (?:bad|mistake|apolog)|i apologi|forgive me|that came out wrong|i misread|i spoke too",
    "invites_more": r"tell me (?:more|about)|go on\b|keep (?:going|talking)|i'm listening|i'd like to hear|say more|take (?:your|all the) (?:time|room)|what else|let it (?:all )?out|i'm all ears|i want to hear",
    "turns_inward": r"what (?:matters|do you (?:need|want|value|think this|make of)|does (?:it|that|this) (?:say|mean|touch|bring up)|would you (?:want|like|need|tell))|what is it (?:about|that you)|where does that (?:come|leave)|looking back|what part of you|which part of|how (?:do|would) you (?:want|see)",
    "pattern": r"(?:i notice|i've noticed|i wonder (?:if|whether)|it seems|seems to me|perhaps|maybe|it's as if|as if).{0,60}(?:you (?:always|often|tend|take|carry|keep|put|look after|hold|learned|so rarely|rarely|were|need|want|have)|being|underneath|behind|deep down|more than|because you)|underneath (?:the|it|all|that)|what links|behind (?:that|it|the|all)",
    "concrete_step": r"\b(?:write|call|ring|email|text|ask|book|tell|send|make|put|pick|start|go|talk|set|keep|take|join|visit|invite|try)\b.{3,}",
    "praises_action": r"you (?:did|kept|stayed|went|carried|held|handled|managed|stood|drove|looked after|made|took|faced|told|asked|stuck|tried|gave|protected|chose|showed) .{6,}|that took (?:guts|courage|strength|patience|something|real)|deserves? to be seen|well done|proud of (?:you|how)",
}


_ACTS = {
    "restatement": (
        r"what i(?:'m| am) hearing|you(?:'re| are) (?:saying|telling me)\b|if i (?:understand|hear|follow|get|got|heard|understood) (?:you|this|that|it|correctly|right)|"
        r"(?:let me|want to|just to) (?:see if i|make sure|check that i|be sure i)|in other words|what you(?:'re| are) (?:saying|telling)|"
        r"am i (?:right|correct|hearing|understanding|following)|correct me if|^(?:so )?(?:earlier )?you (?:said|mentioned|told me|were saying)\b|(?:did|do) i (?:get|hear|understand) (?:that|you)"
    ),
    "suggestion": (
        r"^(?:and |so |but |well,? )?(?:what|how) about (?:you )?\w+ing\b|(?:what|how) if you\b|what would happen if you|have you (?:ever )?(?:thought (?:of|about)|considered)|would you (?:think about|consider|be up for)|"
        r"why (?:not\b|don't you)|(?:maybe|perhaps|possibly) (?:you|we) (?:could|might|can|should)|you (?:could|might) (?:maybe|perhaps|possibly|want to|try|ask|also|just|even|take|write|tell|call|ring|send)|"
        r"i(?:'d| would) (?:suggest|recommend|advise)|my (?:advice|suggestion)|it (?:might|may|could|would|can) help (?:you )?(?:to|if you)|if i were you|(?:maybe|perhaps) (?:try|take|write|ask|tell|send|give|post|keep|find)\b"
    ),
}


_SENTENCE_PATTERNS = Screened({**_HARMS, **_MOVES, **_ACTS})
_QUOTED = re.compile(r"\"[^\"]{1,300}\"|'(?=[a-z])[^'\"]{3,120}'(?=[ .,!?]|$)")
_DENIED = re.compile(
    r"(?:i(?:'m| am) not (?:saying|going to (?:say|tell))|i (?:won't|don't|would never|wouldn't|can't) (?:say|tell|think|promise|believe|mean)|"
    r"(?:nobody|no one|none of us) (?:here )?(?:thinks|says|can|should|would)|you don't have to|you needn't|don't have to|people (?:telling|saying)|some (?:would |people )?say|"
    r"(?:saying|telling you|told you|hearing|says|said|calls?|calling|called) (?:to |that |you )?)[^.!?]{0,40}$",
    re.ASCII,
)


_REPORTED = re.compile(
    r"\byou(?:'re| are| were|'ve| have| keep| kept| still)? (?:say|saying|said|think|thinking|thought|believe|believed|feel|felt|call|calling|called|decided|tell yourself"
    r"|telling yourself|told yourself|told me) (?:that )?(?:it |it's |it is |it was |this |this is |is |was |all |of |everything )*$",
    re.ASCII,
)
"""What stands before a verdict that is the other's own: *you say it's your fault* blames nobody."""


_NOT_SAID = re.compile(
    r"^(?:well,? |but )?(?:(?:some|other|most|many)s?(?: people| folks)? (?:would|might|may|could|will)? ?(?:even )?say|"
    r"i(?:'m| am) not (?:saying|going to say)|i (?:won't|can't|don't|wouldn't) (?:say|claim|pretend|understand|know how))\b",
    re.ASCII,
)


def not_said(folded: str) -> bool:
    """Whether a folded sentence only tells what others would say, or what the speaker does not."""
    return _NOT_SAID.match(folded) is not None


_YIELDS = re.compile(
    r"(?:(?:then|so|okay|ok|right|fine|all right|alright|good|sure|sorry|no),? )*(?:not (?:now|yet|today|tonight)(?: then)?|forget (?:that|those|what i (?:said|asked))|"
    r"(?:then )?we (?:won't|don't have to|needn't) [a-z' ]{1,60}|(?:(?:i'll|we'll|we can|let's|then we) leave|then leave) (?:it|that|this|those|them|(?:the|your) \w+)(?: (?:alone|there|be|aside|out|for now|where it is))*)[.!]?$"
)
"""How people let go of what somebody would rather not speak of; alone it has the words of advice."""

_DOUBTS = re.compile(
    r"(?:no,? |well,? |and |but |honestly,? )*i don't think (?!you should|you ought|you(?:'d| had) better|you have to|it(?:'d| would) )"
)
"""How people speak their mind, which is no advice (*I don't think grief checks whether you're family first*)."""

_ASKS_ON = re.compile(
    r"(?:(?:then|so|and|okay|well|please),? )*(?:tell me (?!exactly)|(?:start|begin) (?:wherever|where|anywhere|with|at|from)\b|say (?:it|them|all of it|whatever) )"
)
"""How people ask for more without a question."""


def no_advice(folded: str) -> str | None:
    """What a folded sentence does that has only the words of advice: it asks for more, lets go, or says what the speaker thinks; None for others."""
    if _ASKS_ON.match(folded):
        return "question"
    if _DOUBTS.match(folded):
        return "reflection"
    return "other" if _YIELDS.match(folded) else None


@lru_cache(maxsize=256)
def cues(folded: str) -> tuple[str, ...]:
    """Harms, moves and acts whose cue stands in a folded sentence, not quoted and not denied."""
    text = folded[:600]
    if folded.count('"') > 1 or folded.count("'") > 1:
        text = _QUOTED.sub(" quoted ", folded)[:600]
    return tuple(
        name
        for name, at in _SENTENCE_PATTERNS.first(text).items()
        if at == 0
        or not (_DENIED.search(text[max(0, at - 70) : at]) or (name == "judging" and _REPORTED.search(text[:at])))
    )
