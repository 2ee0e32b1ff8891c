"""Reports of what happened, in free words: references that only a judge can compare an answer with.

Half of them are kept for measuring a judge and half for questions, by their hash, so that a judge's
errors are not measured on the reports that it labels.
"""

from calibrant.files import sha256_text
from calibrant.study import Wording

_WET = (
    "it rained all day", "rain fell from morning to night", "showers passed over us every hour",
    "umbrellas were out by noon", "the gutters overflowed", "puddles stood in the yard",
    "everyone came home soaked", "the river rose after the downpour", "we had a thunderstorm",
    "the match was called off because of rain", "drizzle never stopped", "the roof leaked again",
    "water ran down the windows", "the rain gauge was full", "hail and rain hit the fields",
    "the washing got soaked on the line", "the cellar was flooded", "streets were slick with rain",
    "it poured in the afternoon", "the tent was drenched", "mud covered every path",
    "heavy clouds broke and emptied over the town", "cars splashed through deep water",
    "raincoats were needed", "the farmers got their long awaited rain", "the pond filled up",
    "a wet day from start to end", "it was pouring when we left", "boots came back full of mud",
    "sheets of rain hid the hills", "the barbecue was rained off", "the picnic was washed out",
    "a cloudburst caught us on the road", "rain drummed on the roof", "the lawn was under water",
    "the station measured twenty millimetres of rain", "we got drenched on the way to school",
    "steady rain kept us inside", "the drains could not take all the water", "a wet and grey day",
    "the gardens were watered from above", "it drizzled before breakfast and never let up",
    "the bus shelter was crowded with dripping people", "rain delayed the start of the race",
    "the hikers turned back in the rain", "worms came out onto the wet path",
    "the market closed early because it was raining", "our shoes were soaked through",
    "the first showers arrived at nine", "rain poured through the open window",
    "the creek burst its banks", "the road was closed by floods",
    "the awning dripped all afternoon", "we waited for a break in the rain that never came",
    "the windscreen wipers ran without pause", "the dog came in wet and muddy",
    "the hay was spoiled by rain", "thunder and rain woke the baby",
    "buckets stood under the leaking ceiling", "the snow turned to rain",
    "the flags hung limp in the rain", "a storm soaked the festival",
    "the water tank filled to the brim", "the playground was one big puddle",
    "it rained cats and dogs", "the fog turned into steady rain", "the clothes outside got wet",
    "showers came in from the sea", "the tennis courts were too wet to play",
    "the football pitch turned to mud", "rainwater dripped from every leaf",
    "the sky wept without end", "the cyclists arrived dripping",
    "the wet leaves made the steps slippery", "the rain stopped only after midnight",
    "a long shower freshened the air", "the forecast rain arrived on time",
    "rain spoiled the parade", "the tiles shone with rain", "the ferry sailed through heavy rain",
)  # fmt: skip
_DRY = (
    "the sun shone all day", "the sky stayed clear", "not a drop fell", "the rain gauge was empty",
    "dust rose from the road", "the soil cracked in the heat", "we hung the washing out to dry",
    "children played outside until dark", "the farmers waited for rain in vain",
    "the picnic went on in bright sunshine", "nobody needed an umbrella", "a cloudless day",
    "the pavement was hot and dusty", "the grass turned brown", "the match was played in sunshine",
    "we ate in the garden", "the river bed lay bare", "sunburn was the only trouble",
    "the hay dried well", "a dry day from start to end", "the sprinklers ran all afternoon",
    "the forecast rain never came", "blue sky from dawn to dusk", "the paths were dry as bone",
    "everyone sat in the sun", "clouds came and went without rain", "the pond shrank further",
    "the air was dry and warm", "the laundry dried within an hour", "we slept under open stars",
    "the barbecue was a success under clear skies", "the fields needed watering again",
    "raincoats stayed in the cupboard", "the station measured no rainfall at all",
    "a warm wind dried the yard", "we walked to school in sunshine", "dry and sunny throughout",
    "the painters finished the fence in the sun", "shoes came back clean and dry",
    "the streets stayed dry", "the gardens had to be watered by hand",
    "the sun was out before breakfast and stayed", "the bus shelter stood empty in the sun",
    "the race started in bright sunshine", "the hikers reached the top under a blue sky",
    "lizards warmed themselves on the stones", "the market stayed open late in the warm evening",
    "our shoes were covered in dust", "the clouds had gone by nine",
    "sunlight poured through the open window", "the creek ran dry",
    "the road shimmered in the heat", "the awning kept off the sun all afternoon",
    "we waited for rain that never came", "the windscreen was covered in dust",
    "the dog slept in the sun", "the hay was brought in dry", "sunshine woke the baby",
    "the empty buckets stayed under the dry ceiling", "the last snow melted in the sun",
    "the flags hung limp in the heat", "the festival enjoyed a sunny day",
    "the water tank ran low", "the playground was hot and dusty", "not a cloud was seen",
    "the fog lifted and the sun came out", "the clothes outside were dry by noon",
    "a dry breeze came in from the desert", "the tennis courts were dry and busy",
    "the football pitch was hard as stone", "every leaf hung dry and dusty",
    "the sky was blue without end", "the cyclists arrived sunburnt",
    "the dry leaves rustled on the steps", "the stars were clear all night",
    "a long dry spell went on", "the forecast sunshine arrived on time",
    "the parade marched in sunshine", "the tiles were hot from the sun",
    "the ferry sailed under clear skies",
)  # fmt: skip

_REPORTS: dict[Wording, dict[str, tuple[str, ...]]] = {"weather": {"yes": _WET, "no": _DRY}}


def reports(wording: Wording, outcome: str, *, for_judges: bool) -> list[str]:
    """Return the reports of an outcome, ``yes`` or ``no``, of one half.

    Args:
        wording: The world.
        outcome: What happened.
        for_judges: The half that judges are fitted and measured on, or that questions refer to.
    """
    mixed = sorted(_REPORTS[wording][outcome], key=sha256_text)
    half = mixed[::2] if for_judges else mixed[1::2]
    return [f"{words[0].upper()}{words[1:]}." for words in half]
