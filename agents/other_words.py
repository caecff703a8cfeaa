"""What else one calls things: a small dictionary of everyday exchanges, for saying back in other words what somebody said.

General English, written for no talk in particular. Verbs are listed once and exchanged in the form in which they come. Imports nothing of
``empathy_gym``.
"""

from __future__ import annotations

import re

_NOUNS = """door=entrance bed=mattress bus=coach buses=coaches person=human book=volume books=volumes fish=seafood box=carton boxes=cartons rest=remainder rolls=buns stones=pebbles wood=timber party=celebration card=postcard cards=postcards line=row lines=rows salt=seasoning

mother=mum mum=mother mom=mother mam=mother father=dad dad=father parents=folks sister=sibling brother=sibling child=youngster kid=youngster
children=kids kids=children son=boy daughter=girl wife=spouse husband=spouse partner=other_half boss=manager manager=boss colleague=coworker
friend=mate mate=friend house=home flat=apartment money=cash cash=money job=position office=workplace
shop=store store=shop car=vehicle doctor=physician hospital=clinic teacher=tutor exam=test test=exam letter=note note=message message=note
email=message text=message texts=messages birthday=special_day wedding=marriage funeral=burial grave=tomb town=city
city=town country=land language=tongue illness=disease pills=tablets medicine=tablets garden=yard yard=garden argument=quarrel
row=quarrel fight=quarrel quarrel=row mistake=error error=mistake customer=client client=customer team=crew crew=team meeting=gathering
university=college college=university course=programme woman=lady lady=woman man=fellow bloke=fellow guy=fellow
fella=fellow lad=boy boy=lad girl=lass folk=people shoe=boot shoes=boots boots=shoes coat=jacket jacket=coat picture=photo photo=picture
photograph=picture film=movie stairs=steps grandmother=gran gran=grandmother nan=grandmother nana=gran
grandma=gran grandfather=grandad grandad=grandfather grandpa=grandfather baby=infant girlfriend=partner boyfriend=partner uncle=relative
aunt=relative cousin=relative family=relatives dentist=doctor bathroom=washroom garage=shed
fridge=freezer oven=stove stove=cooker cooker=stove cup=mug mug=cup bag=sack sack=bag bike=bicycle bicycle=bike van=truck
lorry=truck truck=lorry ticket=pass queue=line market=stalls loaf=bread
cake=gateau soup=broth tune=melody music=tunes story=tale bill=invoice rent=housing_costs debt=what_you_owe loan=credit
salary=wages wage=pay wages=pay price=cost cost=price result=outcome outcome=result grade=mark mark=score degree=qualification
thesis=dissertation chat=conversation conversation=talk promise=vow secret=mystery truth=facts rumour=gossip joke=gag
 mouth=lips stomach=belly belly=stomach chest=ribs fever=temperature
operation=surgery surgery=operation cancer=tumour accident=crash crash=collision pot=pan pan=pot bin=rubbish rubbish=trash bucket=pail
mop=broom carton=box paper=document papers=documents document=paper documents=papers
 sentence=line road=street street=road lane=road
 hall=corridor corridor=hallway basement=cellar cellar=basement
attic=loft table=desk desk=table chair=seat seat=chair sofa=couch couch=sofa
phone=mobile telephone=phone telly=television tv=television radio=wireless computer=laptop laptop=computer screen=display news=tidings
newspaper=paper hat=cap scarf=shawl gloves=mittens cardigan=jumper jumper=sweater
dress=gown clothes=outfit sock=stocking socks=stockings pocket=pouch purse=wallet wallet=purse envelope=packet parcel=package
present=gift gift=present flower=blossom flowers=blossoms dinner=supper supper=dinner lunch=midday_meal breakfast=morning_meal
food=meal meal=food coffee=brew beer=ale wine=drink sugar=sweetener biscuit=cookie biscuits=cookies
sweets=candy racket=noise silence=quiet sound=noise voice=tone smell=odour edge=rim corner=nook
 middle=centre centre=middle piece=bit pieces=bits bits=pieces beginning=start
idea=thought plan=scheme reason=cause trouble=bother problem=trouble chance=opportunity opportunity=chance fault=blame
shame=disgrace luck=fortune fear=dread anger=rage rage=anger memory=recollection dream=nightmare sleep=rest war=conflict peace=calm
 rain=downpour snow=frost sun=sunshine storm=gale wind=breeze beach=shore shore=beach
 hill=slope coach=bus plane=aircraft boat=ship
ship=boat airport=terminal hotel=inn church=chapel village=hamlet crowd=mob
firm=company plant=factory shift=turn trade=craft machine=device file=folder folder=file
contract=agreement signature=autograph report=write_up notice=warning warning=caution letterbox=mailbox post=mail mail=post
council=town_hall police=officers officer=policeman judge=magistrate lawyer=solicitor solicitor=lawyer landlord=owner tenant=lodger
lodger=tenant guest=visitor visitor=guest stranger=outsider strangers=outsiders neighbour=person_next_door neighbours=people_next_door
housemate=flatmate flatmate=housemate roommate=flatmate priest=vicar vicar=priest nephew=relative niece=relative ex=former_partner
pupil=student pupils=students student=pupil students=pupils apprentice=trainee trainee=apprentice driver=chauffeur cleaner=janitor
caretaker=janitor secretary=receptionist singer=vocalist choir=chorus stage=platform game=match player=athlete
trainer=coach exercise=drill homework=assignment essay=composition lesson=class break=pause holiday=vacation holidays=vacation trip=journey
journey=trip visit=call fortnight=two_weeks noon=midday midnight=twelve_at_night dawn=daybreak
 christmas=yuletide toy=plaything doll=toy
knife=blade plate=dish plates=dishes bowl=dish dish=plate spoon=ladle towel=cloth rug=carpet carpet=rug mat=rug
curtains=drapes pillow=cushion blanket=quilt drawer=cabinet cupboard=cabinet wardrobe=closet shelf=rack counter=bar
gate=entrance fence=railing path=track yardstick=measure clock=timepiece dust=dirt stain=mark
rope=string string=cord tape=ribbon pen=biro pencil=crayon reply=answer
accountant=bookkeeper application=request interview=hearing hearing=tribunal medal=award award=prize prize=award
thief=robber liar=fibber coward=chicken fool=idiot idiot=fool monster=beast nobody=no_one
 somebody=a_person someone=a_person anybody=any_person others=other_people
 tears=crying
 arm=limb arms=limbs wound=injury injury=wound
savings=nest_egg rates=charges interest=charges tax=revenue benefits=welfare salon=parlour cafe=coffee_house pub=bar restaurant=eatery
people=folk elevator=lift bell=buzzer tap=faucet torch=flashlight porch=entrance jar=pot sink=basin umbrella=brolly railway=rail
pavement=sidewalk petrol=fuel tyre=wheel tyres=wheels taxi=cab potatoes=spuds ward=unit mess=chaos noise=din pain=ache uniform=outfit porridge=oats
engine=motor label=tag tag=label video=clip clip=video voicemail=recorded_message signal=reception website=web_page password=code payment=instalment
deposit=down_payment fee=charge director=head supervisor=boss staff=employees employee=worker worker=employee workers=employees
shopping=groceries groceries=shopping toilet=loo bath=tub tub=bath shower=wash mirror=looking_glass stool=seat bench=seat hook=peg peg=hook
headache=sore_head flu=virus bandage=dressing stick=cane trolley=cart cart=trolley basket=hamper hammer=mallet nightmare=bad_dream divorce=separation
separation=split breakup=split rock=stone mud=dirt path=track hut=cabin cabin=hut cottage=cabin
battery=cell cable=wire wire=cable handle=knob knob=handle lid=cover cover=lid bottle=flask flask=bottle jug=pitcher saucepan=pot
sausage=banger pie=pastry pudding=dessert dessert=pudding meat=beef vegetables=greens onions=vegetables
committee=panel panel=committee chairman=head president=head mayor=head_of_the_town minister=pastor pastor=minister
petition=appeal appeal=plea complaint=grievance grievance=complaint policy=rule rules=regulations law=rules licence=permit permit=licence
performance=show concert=show audience=listeners orchestra=band guitar=instrument violin=fiddle rehearsal=practice
promotion=step_up bonus=extra_pay redundancy=layoff layoff=dismissal dismissal=sacking pension=retirement_money
appointment=booking booking=appointment timetable=schedule schedule=timetable calendar=diary diary=journal journal=diary
 heartbeat=pulse skin=flesh bones=skeleton fog=mist mist=fog ice=frost
bully=tormentor bullies=tormentors rival=competitor opponent=rival enemy=foe hero=champion victim=casualty witness=onlooker
habit=routine routine=habit skill=talent talent=gift attempt=try effort=work success=triumph failure=flop defeat=loss
decision=choice choice=decision advice=guidance help=support support=backing favour=good_turn effort=trouble permission=consent
birth=arrival childhood=early_years youth=early_years future=years_ahead anniversary=yearly_day
evening=night page=sheet
song=melody stairs=steps steps=stairs staircase=stairway tin=can carton=box winter=cold_months summer=warm_months kettle=teapot bread=loaf fortnight=two_weeks dog=pet
""".split()

_OTHERS = """shut=closed straight=directly later=afterwards

tired=weary exhausted=worn_out scared=afraid afraid=scared frightened=scared terrified=petrified angry=furious furious=enraged mad=angry
sad=unhappy unhappy=sad lonely=alone alone=on_your_own ashamed=embarrassed embarrassed=ashamed guilty=to_blame worried=anxious
anxious=worried hurt=wounded upset=distressed stupid=foolish foolish=silly pathetic=feeble useless=worthless worthless=useless
difficult=tricky hard=tough quiet=silent silent=quiet slowly=gradually yesterday=the_day_before tonight=this_evening proud=pleased
sick=ill ill=unwell poorly=unwell dead=gone cheap=inexpensive dear=expensive
expensive=pricey sore=aching annoyed=irritated bitter=resentful jealous=envious shy=timid nervous=on_edge calm=settled happy=glad glad=happy
careful=cautious lucky=fortunate unlucky=unfortunate brave=courageous lazy=idle greedy=grasping selfish=self_centred stubborn=obstinate curious=nosy
rusty=corroded blank=empty unfair=unjust loyal=faithful gentle=soft soft=gentle rough=coarse sharp=pointed blunt=dull alive=living
steep=sheer sudden=abrupt likely=probable rare=scarce similar=alike
proper=decent decent=proper worst=hardest messy=untidy tidy=neat neat=tidy bent=crooked crooked=bent cramped=tight spotty=blotchy
grateful=thankful thankful=grateful hopeless=desperate desperate=frantic helpless=powerless powerless=helpless homesick=longing_for_home
invisible=unseen unseen=invisible unwanted=rejected rejected=turned_away humiliated=shamed betrayed=let_down disappointed=let_down shocked=stunned
stunned=shocked confused=muddled puzzled=baffled bored=fed_up hungry=starving thirsty=parched sleepy=drowsy dizzy=giddy numb=without_feeling
pregnant=expecting married=wed divorced=separated retired=pensioned_off unemployed=out_of_work jobless=out_of_work broke=penniless
disabled=handicapped blind=sightless deaf=hard_of_hearing foreign=from_abroad abroad=overseas overseas=abroad local=nearby nearby=close_by
awkward=clumsy clumsy=awkward brilliant=superb excellent=superb bossy=domineering spoilt=pampered childish=immature grown=adult adult=grown
barely=hardly hardly=barely completely=totally totally=completely entirely=wholly mostly=mainly mainly=mostly clearly=plainly probably=likely
certainly=surely apparently=it_seems eventually=in_time recently=lately lately=recently constantly=without_end rarely=seldom seldom=rarely
carefully=with_care badly=poorly happily=gladly secretly=on_the_quiet accidentally=by_accident deliberately=on_purpose alone=on_your_own
tomorrow=the_day_after everyday=daily daily=everyday weekly=every_week yearly=every_year
broken=smashed quietly=silently
strange=odd weird=odd odd=peculiar funny=amusing awful=dreadful terrible=dreadful horrible=dreadful nice=pleasant lovely=delightful
 polite=courteous politely=courteously rude=impolite cruel=unkind nasty=unkind honest=truthful clever=bright
smart=clever silly=daft daft=silly easy=simple simple=easy heavy=weighty empty=vacant dark=unlit bright=vivid
dirty=filthy filthy=dirty quickly=fast quick=fast fast=quick slow=sluggish together=side_by_side apart=separated
far=distant nearly=almost almost=nearly exactly=precisely properly=correctly correct=right
 elderly=old young=youthful new=fresh big=large large=big huge=enormous small=little tiny=minute
 tall=lofty wide=broad narrow=tight wet=soaked soaked=drenched dry=parched cold=chilly chilly=cold warm=cosy hot=boiling
frozen=icy burnt=scorched whole=entire entire=whole complete=whole perfect=flawless rotten=spoiled
 rich=wealthy famous=well_known ready=prepared busy=occupied stuck=trapped
trapped=stuck ugly=unsightly beautiful=gorgeous pretty=good_looking thin=skinny pale=white drunk=tipsy sober=clear_headed
crazy=insane ordinary=usual usual=normal special=particular important=significant serious=grave real=genuine
fake=false false=untrue final=last different=other
again=once_more twice=two_times often=frequently sometimes=now_and_then
suddenly=all_at_once immediately=at_once soon=before_long loudly=at_the_top_of_the_voice
everywhere=all_over anywhere=any_place somewhere=some_place outside=outdoors inside=indoors upstairs=on_the_floor_above downstairs=on_the_floor_below
forever=for_good finally=in_the_end instead=in_its_place perhaps=maybe maybe=perhaps because=since


 few=a_handful_of several=a_number_of
didn't=did_not don't=do_not doesn't=does_not wasn't=was_not weren't=were_not isn't=is_not aren't=are_not can't=cannot couldn't=could_not won't=will_not
wouldn't=would_not hasn't=has_not haven't=have_not hadn't=had_not it's=it_is that's=that_is there's=there_is he's=he_is she's=she_is they're=they_are
cannot=can't everything=the_lot ago=back

""".split()

_VERBS = """give=hand lift=raise wear=sport book=reserve finish=complete pass=go_by

call=ring phone=ring ring=phone text=message shout=yell yell=shout scream=yell cry=weep weep=cry sob=weep laugh=giggle smile=grin grin=smile
 die=pass_away sleep=rest talk=speak speak=talk say=mention tell=inform reply=answer buy=purchase
purchase=buy sell=flog hide=conceal conceal=hide lie=fib fib=lie break=smash smash=break start=begin begin=start stop=quit quit=stop
 help=support look=gaze stare=gaze see=notice notice=spot spot=notice
 try=attempt drive=motor walk=stroll swear=vow pretend=make_out fight=quarrel argue=quarrel carry=lug
lug=carry forget=lose_track_of run=hurry hurry=rush rush=hurry arrive=turn_up stay=remain remain=stay bring=fetch fetch=bring
throw=toss toss=throw chuck=throw wash=rinse rinse=wash clean=scrub scrub=clean sweep=brush wipe=clean cook=prepare bake=make mix=stir
 unlock=open close=shut shut=close lock=bolt build=construct fix=repair repair=fix mend=repair paint=colour
explain=clarify listen=pay_attention remember=recall recall=remember hate=detest detest=hate love=adore hug=embrace
kiss=embrace apologise=say_sorry forgive=pardon ignore=overlook refuse=decline decline=refuse accept=take_on decide=choose choose=pick
pick=choose invite=ask_over fail=flunk study=learn learn=study teach=instruct
understand=grasp think=reckon believe=trust find=discover
 hold=grip grip=hold send=post post=send receive=get grab=seize
steal=nick borrow=scrounge lend=loan owe=be_in_debt_for spend=use_up earn=make save=put_aside count=add_up
measure=gauge read=look_through print=run_off copy=duplicate type=key_in click=press press=push push=shove shove=push
pull=tug drag=haul raise=lift trip=stumble jump=leap climb=scale dance=sway sing=chant play=perform
perform=play kneel=crouch wake=get_up move=shift shake=tremble tremble=shake
shiver=tremble touch=feel hit=strike strike=hit slap=smack punch=thump cut=slice burn=scorch tear=rip rip=tear
 fold=crease iron=press sew=stitch stitch=sew knock=rap tap=knock beat=defeat win=come_first plan=arrange arrange=organise
organise=arrange prepare=get_ready practise=rehearse rehearse=practise hire=employ employ=hire sack=dismiss
resign=step_down retire=stop_working move_out=leave return=come_back travel=journey fly=travel_by_air follow=go_after chase=run_after
catch=seize meet=run_into join=become_part_of share=split split=divide swap=exchange
 empty=clear load=fill wrap=pack pack=wrap stack=pile pile=stack hang=dangle stick=glue feed=nourish
dig=burrow grow_up=mature bury=lay_to_rest mourn=grieve grieve=mourn pray=worship blame=accuse accuse=blame punish=penalise
scold=tell_off nag=pester pester=bother bother=trouble tease=mock mock=make_fun_of laugh_at=mock cheat=deceive deceive=trick trick=fool
warn=caution threaten=menace scare=frighten frighten=scare worry=fret panic=lose_control suffer=hurt bleed=lose_blood heal=mend
recover=get_well cough=splutter sneeze=splutter breathe=draw_breath swallow=gulp chew=munch taste=sample
whisper=murmur mutter=murmur murmur=mutter mumble=mutter stammer=stutter stutter=stammer brag=boast boast=brag complain=moan moan=complain
admit=confess confess=own_up deny=dispute show=present wave=beckon greet=welcome welcome=greet
 praise=commend clap=applaud cheer=applaud suit=fit happen=take_place
appear=show_up vanish=disappear disappear=vanish escape=get_away survive=pull_through manage=cope cope=manage handle=manage
lead=guide guide=lead request=ask_for offer=propose suggest=propose propose=suggest let=allow forbid=ban ban=forbid
 join_in=take_part check=go_over guess=suppose suppose=guess imagine=picture wonder=ask
dream=fantasise intend=mean become=turn_into place=put set=lay lay=set
delete=erase erase=wipe
 waste=squander ruin=wreck wreck=ruin spoil=ruin destroy=wreck damage=harm harm=damage drown=go_under sink=go_down
float=drift swim=bathe swing=sway slide=slip crawl=creep creep=crawl sneak=creep
march=parade collect=gather gather=collect deliver=drop_off serve=wait_on report=notify register=enrol
enrol=sign_up apply=put_in cancel=call_off delay=put_off postpone=put_off enter=go_into
lodge=stay rent=let own=possess drive_off=leave cheer_up=comfort comfort=console console=comfort calm=soothe soothe=calm
 pretend_to=act insist=demand demand=insist_on beg=plead plead=beg convince=persuade persuade=convince talk_round=persuade
interrupt=cut_in_on agree=consent disagree=differ compare=weigh_up stand=linger write=pen ask=put_it_to eat=consume deserve=merit wait=hang_on live=reside promise=assure allow=permit drop=let_go_of smash=shatter belong=fit_in prove=demonstrate sit=settle fall=tumble recognise=know realise=understand discover=find_out
""".split()

_PHRASAL = """
look_after=care_for give_up=quit turn_up=appear turn_down=reject let_down=disappoint put_off=delay drop_off=deliver find_out=discover
make_up=invent run_out=dry_up break_up=split break_down=collapse go_back=return send_back=return give_back=return
 carry_on=continue keep_on=continue get_up=rise wake_up=rise stand_up=rise sit_down=settle fall_apart=collapse pass_out=faint blow_up=explode
walk_out=storm_off turn_away=reject throw_away=bin throw_out=bin chuck_out=evict kick_out=evict move_in=settle move_out=depart
sort_out=settle work_out=solve figure_out=solve hang_up=end_the_call ring_up=phone call_off=cancel call_back=ring_again switch_off=turn_off
turn_off=switch_off turn_on=switch_on switch_on=turn_on take_off=remove take_away=remove cut_off=sever cut_down=reduce write_down=note
tell_off=scold tell_on=report laugh_at=mock look_at=gaze_at stare_at=gaze_at look_for=search_for ask_for=request pay_for=finance
care_about=value think_about=consider dream_of=picture depend_on=rely_on rely_on=depend_on belong_to=form_part_of
let_go=release hold_back=restrain back_out=withdraw pull_out=withdraw drop_out=quit show_up=appear shut_up=fall_silent open_up=confide
own_up=confess speak_up=protest stand_by=support stick_with=support deal_with=handle cope_with=handle clean_up=tidy
wash_up=do_the_dishes tidy_up=clear_up dress_up=put_on_fine_clothes grow_up=mature bring_up=raise get_over=recover_from get_through=survive
run_away=flee get_away=escape go_away=leave leave_out=exclude leave_behind=abandon fall_out=quarrel fall_over=tumble fall_down=tumble trip_over=stumble_over
come_over=visit drop_by=visit pop_in=visit go_in=enter walk_in=enter sign_up=enrol
hand_in=submit hand_over=surrender line_up=queue add_up=tally stay_up=sit_awake lie_down=stretch_out
""".split()

_SET_PHRASES = """
at_work=on_the_job from_work=from_the_job at_home=in_the_house at_night=after_dark of_course=naturally out_loud=aloud in_bed=under_the_covers by_heart=from_memory
this_morning=earlier_today every_day=daily all_night=until_dawn all_day=from_morning_to_evening on_time=punctually so_far=up_to_now right_now=at_this_moment
at_all=in_the_least each_other=one_another a_few=several last_week=seven_days_ago next_week=in_seven_days last_year=twelve_months_ago next_year=in_twelve_months
a_lot=plenty no_reason=no_cause at_last=finally at_first=to_begin_with at_once=immediately in_public=in_front_of_people on_purpose=deliberately in_time=soon_enough
by_accident=without_meaning_to in_tears=weeping on_fire=ablaze in_love=smitten in_trouble=in_hot_water at_school=in_class at_sea=on_the_water for_ever=for_good
no_longer=not_any_more not_enough=too_little too_much=more_than_enough too_many=more_than_enough the_same=no_different more_than=over less_than=under
on_foot=walking by_car=driving by_bus=on_the_coach by_train=on_the_railway half_past=thirty_minutes_after
""".split()

_IRREGULAR = """
ring rang rung|weep wept wept|cry cried cried|leave left left|speak spoke spoken|say said said|tell told told|write wrote written|buy bought bought
sell sold sold|hide hid hidden|break broke broken|begin began begun|quit quit quit|hang hung hung|see saw seen|eat ate eaten|drink drank drunk
try tried tried|drive drove driven|swear swore sworn|make made made|fight fought fought|carry carried carried|forget forgot forgotten|lose lost lost
run ran run|hurry hurried hurried|come came come|bring brought brought|throw threw thrown|sweep swept swept|shut shut shut|build built built
pay paid paid|take took taken|choose chose chosen|dwell dwelt dwelt|get got got|teach taught taught|know knew known|understand understood understood
think thought thought|find found found|keep kept kept|hold held held|give gave given|send sent sent|steal stole stolen|lend lent lent|be was been
spend spent spent|put put put|cost cost cost|set set set|read read read|let let let|fall fell fallen|leap leapt leapt|sing sang sung|sit sat sat
stand stood stood|kneel knelt knelt|wake woke woken|spin spun spun|shake shook shaken|feel felt felt|hit hit hit|strike struck struck|cut cut cut
burn burnt burnt|tear tore torn|wear wore worn|have had had|sew sewed sewn|beat beat beaten|win won won|fly flew flown|go went gone|catch caught caught
meet met met|become became become|split split split|grow grew grown|shrink shrank shrunk|stick stuck stuck|feed fed fed|dig dug dug|lay laid laid
bury buried buried|hurt hurt hurt|bleed bled bled|draw drew drawn|bite bit bitten|hear heard heard|own owned owned|show showed shown|fit fitted fitted
deny denied denied|rise rose risen|flee fled fled|cling clung clung|rely relied relied|withdraw withdrew withdrawn|don donned donned|bin binned binned
tidy tidied tidied|tally tallied tallied|sever severed severed|dry dried dried|submit submitted submitted|permit permitted permitted|equip equipped equipped|quit quit quit|do did done
solve solved solved|copy copied copied|apply applied applied|study studied studied|worry worried worried|marry married married|tidy tidied tidied
sow sowed sown|dream dreamt dreamt|mean meant meant|lead led led|forbid forbade forbidden|drown drowned drowned|sink sank sunk|swim swam swum
swing swung swung|slide slid slid|creep crept crept|tread trod trodden|cheat cheated cheated|lie lied lied|pull pulled pulled|fret fretted fretted
sleep slept slept|learn learned learned|rap rapped rapped|differ differed differed|offer offered offered|suffer suffered suffered|answer answered answered
open opened opened|whisper whispered whispered|mutter muttered muttered|stutter stuttered stuttered|wonder wondered wondered|order ordered ordered
remember remembered remembered|consider considered considered|bother bothered bothered|enter entered entered|gather gathered gathered
deliver delivered delivered|register registered registered|recover recovered recovered|cover covered covered|discover discovered discovered
water watered watered|visit visited visited|edit edited edited|merit merited merited|admit admitted admitted|happen happened happened|listen listened listened
threaten threatened threatened|frighten frightened frightened|cancel cancelled cancelled|travel travelled travelled|murmur murmured murmured
stay stayed stayed|play played played|enjoy enjoyed enjoyed|pray prayed prayed|sway swayed swayed|employ employed employed|delay delayed delayed
destroy destroyed destroyed|look looked looked|rest rested rested|shift shifted shifted|question questioned questioned|mention mentioned mentioned
reason reasoned reasoned|train trained trained|beckon beckoned beckoned|pardon pardoned pardoned|fib fibbed fibbed|panic panicked panicked
""".replace("\n", "|")

_DOUBLES = re.compile(r"^[^aeiou]*[aeiou][bdgklmnprt]$")


def _inflected(verb: str, irregular: dict[str, tuple[str, str]]) -> tuple[str, str, str, str, str]:
    """Base form, third person, present participle, past and past participle."""
    if verb.endswith(("s", "sh", "ch", "x", "z", "o")):
        third = verb + "es"
    elif verb.endswith("y") and verb[-2] not in "aeiou":
        third = verb[:-1] + "ies"
    else:
        third = verb + "s"
    doubled = verb + verb[-1] if _DOUBLES.match(verb) and not verb.endswith(("ow", "k")) else verb
    if verb.endswith("ie"):
        present, past = verb[:-2] + "ying", verb + "d"
    elif verb.endswith("e") and not verb.endswith(("ee", "be")):
        present, past = verb[:-1] + "ing", verb + "d"
    else:
        present, past = doubled + "ing", verb[:-1] + "ied" if third.endswith("ies") else doubled + "ed"
    if verb in ("begin", "forget", "admit", "forbid", "permit", "submit", "quit"):
        present = verb + verb[-1] + "ing"
    if verb == "have":
        third = "has"
    return verb, third, present, *irregular.get(verb, (past, past))


def _verbs() -> tuple[dict[str, str], dict[str, str]]:
    """Every form of the verbs with the same form of the other (of one with a particle, the verb is inflected); and the past participles.

    A verb whose past is its base form is left out: which of them is meant cannot be seen.
    """
    irregular = {
        base: (past, participle) for base, past, participle in map(str.split, filter(None, _IRREGULAR.split("|")))
    }
    found: dict[str, str] = {}
    participles: dict[str, str] = {}
    for entry in _VERBS:
        one, _, other = entry.partition("=")
        head, _, rest = other.partition("_")
        mine = _inflected(one, irregular)
        if "_" in one or mine[3] == one:
            continue
        theirs = [f"{form} {rest.replace('_', ' ')}".strip() for form in _inflected(head, irregular)]
        for form, changed in zip(mine, theirs, strict=True):
            found.setdefault(form, changed)
        participles.setdefault(mine[4], theirs[4])
    return found, participles


def _phrasal() -> dict[str, str]:
    """Verbs with their particles, in every form, and set phrases of two words."""
    irregular = {
        base: (past, participle) for base, past, participle in map(str.split, filter(None, _IRREGULAR.split("|")))
    }
    found: dict[str, str] = {}
    for entry in _PHRASAL:
        (one, _, particle), (other, _, rest) = (side.partition("_") for side in entry.split("="))
        for mine, theirs in zip(_inflected(one, irregular), _inflected(other, irregular), strict=True):
            found.setdefault(f"{mine} {particle}", f"{theirs} {rest.replace('_', ' ')}".strip())
    for entry in _SET_PHRASES:
        one, _, other = entry.replace("_", " ").partition("=")
        found.setdefault(one, other)
    return found


def _plain(entries: list[str]) -> dict[str, str]:
    return {one: other.replace("_", " ") for one, _, other in (entry.partition("=") for entry in entries)}


NOUNS = _plain(_NOUNS)
"""Nouns, in the singular or in both numbers, and what else one calls them."""

VERBS, PARTICIPLES = _verbs()
"""Verbs in each of their forms with another verb in the same form; and their past participles alone."""

OTHERS = _plain(_OTHERS)
"""Adjectives, adverbs and small words, and what else one says."""

PHRASAL = _phrasal()
"""Verbs with a particle beside them, in each of their forms, and other set phrases of two words."""

BASES = frozenset(entry.partition("=")[0] for entry in _VERBS)
"""The base forms of the verbs: many of them are nouns as well."""
