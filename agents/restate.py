"""Saying back what somebody said, in other words: persons turned, a clause kept, everyday words exchanged.

Simple restatement as a helping-skills course drills it. A small dictionary of its own; imports nothing of ``empathy_gym``.
"""

from __future__ import annotations

import re

_TURNED = {
    "i": "you", "me": "you", "my": "your", "mine": "yours", "myself": "yourself", "i'm": "you're", "im": "you're", "i've": "you've",
    "i'd": "you'd", "i'll": "you'll", "we": "you", "us": "you", "our": "your", "ours": "yours", "we're": "you're", "we've": "you've",
    "we'd": "you'd", "ourselves": "yourselves",
}  # fmt: skip
_AFTER_YOU = {"am": "are", "was": "were", "wasn't": "weren't"}

_OTHER_WORDS = """
called=rang call=ring calls=rings phoned=rang rang=called mother=mum mum=mother mom=mother father=dad dad=father
parents=folks sister=sibling brother=sibling children=kids kids=children son=boy daughter=girl wife=spouse
husband=spouse boss=manager manager=boss colleague=coworker colleagues=coworkers friend=mate friends=mates house=home
flat=apartment money=cash job=position work=job office=workplace shop=store car=vehicle doctor=physician hospital=ward
teacher=tutor exam=test test=exam letter=note note=message message=note email=message shouted=yelled yelled=shouted
shout=yell screamed=yelled crying=weeping cried=wept cry=weep laughed=giggled smiled=grinned left=walked_out
leave=walk_away leaving=walking_away died=passed_away dead=gone death=passing funeral=burial grave=resting_place
sleep=rest slept=rested asleep=at_rest tired=worn_out exhausted=drained scared=afraid afraid=scared frightened=scared
angry=furious furious=angry sad=down lonely=alone alone=on_your_own ashamed=embarrassed embarrassed=ashamed
guilty=to_blame worried=anxious anxious=worried hurt=wounded upset=distressed stupid=foolish idiot=fool pathetic=weak
useless=worthless talk=speak talked=spoke talking=speaking speak=talk spoke=talked said=mentioned answered=replied
wrote=put_on_paper write=put_on_paper bought=purchased buy=purchase sold=gave_up hid=concealed hide=conceal
hiding=concealing lied=made_things_up lie=make_things_up broke=smashed broken=in_pieces started=began begin=start
stopped=quit stop=quit finished=done waiting=hanging_on waited=hung_on help=support helped=supported looked=gazed
saw=noticed ate=had_a_meal food=meals dinner=supper bed=mattress nobody=no_one everyone=all_of_them
everybody=all_of_them nothing=not_a_thing difficult=tough quiet=silent silent=quiet slowly=bit_by_bit
yesterday=the_day_before trying=doing_all_you_can tried=did_all_you_could try=do_all_you_can drove=went_by_car
walked=went_on_foot promised=gave_your_word promise=give_your_word proud=full_of_pride pretend=act_as_if
pretended=acted_as_if wedding=marriage married=wed party=celebration birthday=big_day town=city country=land
language=tongue sick=ill ill=sick illness=disease pills=tablets medicine=tablets needles=jabs dog=pet cat=pet
garden=yard fought=quarrelled fighting=quarrelling argument=quarrel argue=quarrel mistake=slip mistakes=slips
customers=clients customer=client team=crew meeting=gathering university=college course=programme woman=lady
looked=gazed carried=bore forgot=lost_sight_of shoes=boots coat=jacket picture=photo photo=picture film=movie
stairs=steps grandmother=gran nana=gran grandfather=grandad baby=infant girlfriend=partner boyfriend=partner
neighbour=next_door uncle=relative aunt=relative cousin=relative family=relatives boy=lad girl=lass bloke=fellow
guy=fellow landlord=owner nurse=carer dentist=doctor bathroom=washroom bedroom=sleeping_place garage=shed door=doorway
fridge=icebox oven=stove kettle=pot cup=mug mug=cup bag=sack bike=bicycle van=truck ticket=pass queue=line
market=stalls bakery=shop raining=pouring christmas=holidays fortnight=two_weeks minutes=moments hour=a_while
tonight=this_evening evening=nightfall bread=loaf cake=baking soup=broth coffee=brew tea=brew beer=drink wine=drink
song=tune sing=hum music=tunes story=tale bill=invoice rent=housing_costs debt=what_you_owe loan=borrowed_money
bank=lender salary=wages wage=earnings price=cost cheap=low_priced result=outcome results=outcome grade=mark
mark=score failed=flunked fail=flunk study=learn lesson=instruction uni=university degree=qualification
thesis=dissertation meeting=get_together email=mail chat=conversation promise=vow secret=hidden_thing truth=facts
rumour=gossip joke=quip laugh=giggle smile=grin hands=palms sore=aching fever=temperature operation=surgery
cancer=tumour accident=crash crash=collision angry=furious annoyed=irritated bitter=resentful jealous=envious
shy=timid proud=pleased nervous=on_edge calm=settled happy=glad glad=pleased strange=odd weird=odd odd=peculiar
awful=dreadful terrible=dreadful horrible=dreadful nice=pleasant kind=warm polite=courteous rude=impolite cruel=unkind
honest=truthful clever=bright silly=daft easy=simple heavy=weighty empty=bare full=packed dark=unlit bright=light
dirty=grubby loud=noisy slow=sluggish alone=by_yourself together=side_by_side apart=separated far=distant
sat=took_a_seat sitting=seated stood=was_standing standing=on_your_feet ran=hurried came=arrived stay=remain
stayed=remained brought=fetched bring=fetch threw=tossed throw=toss washed=rinsed cooked=made_dinner baked=made_bread
opened=unlocked open=unlock closed=shut locked=bolted built=put_up build=put_up fixed=repaired fix=repair
broke=smashed paint=coat painted=coated explained=made_clear explain=make_clear listen=hear_out listened=heard_out
remember=recall remembered=recalled hate=detest hated=detested loved=adored missed=longed_for hugged=embraced
kissed=embraced apologised=said_sorry forgive=pardon ignored=overlooked ignore=overlook refused=turned_down
refuse=turn_down accepted=took_on decided=made_up_your_mind decide=make_up_your_mind chose=picked choose=pick
lives=resides lived=resided visit=drop_in visited=dropped_in invite=ask_over invited=asked_over
"""
OTHER_WORDS = {
    one: other.replace("_", " ") for one, _, other in (entry.partition("=") for entry in _OTHER_WORDS.split())
}
"""Everyday words and what else one calls them."""

_OF_THE_TALK = frozenset(
    "again repeating repeat mentioned thanks thank sorry listened advice understood finger detours gets saying".split()
)
"""Words of clauses about the talk itself, which are not said back."""

_DROPPED = frozenset(
    "well oh yeah yes no honestly anyway just really actually even still so and but because then also look like".split()
)
_CUT = re.compile(
    r",| and (?=(?:i|he|she|they|we|it|you|my|then|now|nobody|i'm)\b)| but | because | so that | which | who | when | while | although |\.\.\.| - ",
    re.IGNORECASE,
)
_LOOSE = frozenset("from of in on at with by to for like than not as if whether did".split())
"""Words with which no clause begins that can stand alone."""

_OPEN_END = frozenset(
    "was is were are said says that the a an to of in on at for with and or my his her their goes it's".split()
)
"""Words on which none ends."""

_LONGEST, _SHORTEST = 12, 4
_DULL = frozenset(
    """i you he she it we they me him her us them my your his its our their the a an this that these those to of in on at for with by from
    is are was were be been being am do does did have has had will would can could should may might must not no as if or than there here
    what how why where when who it's that's i'm i've don't didn't can't couldn't wasn't isn't get got go goes went going thing things
    something anything lot kind sort way bit know think mean feel there's he'd she'd they'd they're he's she's what's somebody
    someone every some all two three four five six seven eight nine ten everything one nobody nothing""".split()
)


def clauses(line: str) -> list[str]:
    """What was said, cut at its joints, each part between four and twelve words; questions left out."""
    found = []
    for sentence in re.findall(r"[^.!?]+[.!?]*", line):
        if sentence.rstrip().endswith("?"):
            continue
        for part in _CUT.split(sentence.rstrip(" .!")):
            tokens = re.findall(r"[A-Za-z0-9']+", part)
            while tokens and tokens[0].lower() in _DROPPED:
                tokens = tokens[1:]
            if (
                _SHORTEST <= len(tokens) <= _LONGEST
                and tokens[0].lower() not in _LOOSE
                and tokens[-1].lower() not in _OPEN_END
            ):
                found.append(" ".join(tokens))
    return found


def in_other_words(clause: str) -> str:
    """The clause with the persons turned and everyday words exchanged."""
    found: list[str] = []
    for word in clause.split():
        lower = word.lower()
        if lower in _TURNED:
            found.append(_TURNED[lower])
        elif found and found[-1] == "you" and lower in _AFTER_YOU:
            found.append(_AFTER_YOU[lower])
        elif lower in OTHER_WORDS:
            found.append(OTHER_WORDS[lower])
        else:
            found.append(word if found else lower if word != word.upper() and lower in _DULL else word)
    return " ".join(found)


def restatement(line: str, said: str = "") -> str | None:
    """The clause with the most to it, in other words; None where nothing can be said back.

    Args:
        line: what the other said.
        said: what was said back already, in lower case; a clause that is in it is passed over.
    """
    best: tuple[int, str] | None = None
    for at, clause in enumerate(clauses(line)):
        told = [w for w in clause.lower().split() if w not in _DULL and w not in _TURNED]
        back = in_other_words(clause)
        changed = sum(w in OTHER_WORDS for w in clause.lower().split())
        if len(told) < 2 or back.lower() in said or any(w in _OF_THE_TALK for w in clause.lower().split()):
            continue
        worth = 2 * min(len(told), 4) + 3 * min(changed, 2) + min(at, 2)
        if best is None or worth > best[0]:
            best = (worth, back)
    return best[1] if best else None
