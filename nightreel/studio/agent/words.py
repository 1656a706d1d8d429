"""The words that the editor understands, in English and Chinese, as data.

Patterns are looked for in text whose quoted parts are taken out and which is lower-cased.
"""

import re
from re import Pattern

from nightreel.models import Format
from nightreel.studio.draft import Direction, TransitionKind


def _words(pattern: str) -> Pattern[str]:
    return re.compile(pattern)


MUSIC = _words(r"music|\bbgm\b|soundtrack|\bsong\b|\btune\b|音乐|配乐|背景乐|\bbeat\b")
NO_MUSIC = _words(
    r"\b(?:no|without|remove|delete|drop|mute|turn off|cut)\s+(?:(?:the|any|all|background)\s+)*"
    r"(?:music|bgm|soundtrack|audio|sound|song)\b|\bmusic\s*[:=]?\s*(?:none|off)\b|\bsilent\b"
    r"|\bmute (?:it|the video)\b"
    r"|(?:不要|不需要|不加|无|没有|去掉|删除|删掉|移除|关闭|取消)(?:任何|背景|掉)*(?:音乐|配乐|声音)|静音"
    r"|(?:音乐|配乐)(?:去掉|删除|删掉|关掉)"
)
MOODS: tuple[tuple[Pattern[str], str], ...] = (
    (_words(r"lo-?\s?fi|\bchill(?:ed|ing)?\b|低保真|慵懒"), "lo-fi"),
    (_words(r"cinematic|\bepic\b|dramatic|orchestral|电影感|电影级|电影般|史诗|大气"), "cinematic"),
    (
        _words(r"ambient|\bcalm(?:ing)?\b|relax(?:ed|ing)?\b|soothing|peaceful|gentle|舒缓|平静|轻柔|安静|宁静|氛围"),
        "ambient",
    ),
    (_words(r"corporate|business|professional|商务|企业|专业"), "corporate"),
    (_words(r"playful|\bfun(?:ny)?\b|quirky|whimsical|cheerful|活泼|俏皮|可爱|童趣"), "playful"),
    (_words(r"upbeat|energetic|lively|happy|欢快|动感|轻快|明快|活力|节奏感"), "upbeat"),
)
DEFAULT_MOOD = "upbeat"

TRANSITION = _words(r"transitions?|转场|过渡|切换")
NO_TRANSITIONS = _words(
    r"\b(?:no|without|remove|drop)\s+(?:(?:the|any|all)\s+)*transitions?\b|\b(?:hard|straight|jump|simple)[ -]cuts?\b"
    r"|\bcuts only\b|\bonly cuts\b|(?:不要|无|没有|去掉|删除|取消)(?:任何)?(?:转场|过渡)|硬切|直接切换"
)
TRANSITIONS: tuple[tuple[Pattern[str], TransitionKind], ...] = (
    (
        _words(r"\b(?:dips?|fades?|fading) (?:to|through) white\b|\bwhite flash(?:es)?\b|白场|闪白"),
        TransitionKind.DIP_WHITE,
    ),
    (_words(r"\b(?:dips?|fades?|fading) (?:to|through) black\b|黑场|闪黑"), TransitionKind.DIP_BLACK),
    (
        _words(r"\bcross[- ]?(?:fad(?:e|es|ing)|dissolv(?:e|es|ing))\b|\bdissolves?\b|叠化|溶解|淡入淡出|交叉"),
        TransitionKind.CROSS_FADE,
    ),
    (_words(r"\bwip(?:e|es|ing)\b|擦除|划像|擦拭"), TransitionKind.WIPE),
    (_words(r"\b(?:whip|swish)[- ]?pans?\b|甩镜|甩动|快甩"), TransitionKind.WHIP),
    (_words(r"\bzoom[- ]?through\b|穿越(?=式|转|过|$)"), TransitionKind.ZOOM),
)
"""Kinds, wherever they are named."""

NEAR_TRANSITIONS: tuple[tuple[Pattern[str], TransitionKind], ...] = (
    (_words(r"\bslid(?:e|es|ing)\b|滑动|滑入|滑移"), TransitionKind.SLIDE),
    (_words(r"\bpush(?:es|ing)?\b|推移|推入|推进|推送"), TransitionKind.PUSH),
    (_words(r"\bwhips?\b|\bswish(?:es)?\b"), TransitionKind.WHIP),
    (_words(r"\bzoom(?:s|ing)?\b|缩放|变焦|拉近"), TransitionKind.ZOOM),
    (_words(r"\bblur(?:s|red|ring|ry)?\b|\bout[- ]of[- ]focus\b|模糊|虚化|失焦"), TransitionKind.BLUR),
)
"""Kinds whose words mean something else where no transition is spoken of."""

STYLES: tuple[tuple[Pattern[str], tuple[TransitionKind, ...]], ...] = (
    (
        _words(r"\bdynamic\b|\benergetic\b|\bpunchy\b|动感|活力|酷炫"),
        (TransitionKind.PUSH, TransitionKind.ZOOM, TransitionKind.WHIP, TransitionKind.WIPE),
    ),
    (
        _words(r"\bmixed\b|\bvaried\b|\bvarious\b|\bdifferent\b|多样|丰富|不同|多种"),
        (
            TransitionKind.CROSS_FADE, TransitionKind.PUSH, TransitionKind.ZOOM,
            TransitionKind.WIPE, TransitionKind.BLUR, TransitionKind.SLIDE, TransitionKind.DIP_WHITE,
        ),
    ),
    (
        _words(r"\bsmooth\b|\bseamless\b|\belegant\b|平滑|流畅|自然|优雅"),
        (TransitionKind.CROSS_FADE, TransitionKind.ZOOM, TransitionKind.CROSS_FADE, TransitionKind.BLUR),
    ),
    (_words(r"\bsoft\b|\bgentle\b|\bfad(?:e|es|ing)\b|柔和|渐变"), (TransitionKind.CROSS_FADE,)),
)  # fmt: skip
"""What a style of transitions is made of, in turn."""

DIRECTIONS: tuple[tuple[Pattern[str], Direction], ...] = tuple(
    (
        _words(
            rf"\bfrom (?:the )?(?:{origin})\b|从{there}|(?<!from )(?<!from the )\b{goal}(?:wards?)?\b"
            rf"|[向往朝]{here}|(?<!从){here}[滑推擦划移]"
        ),
        direction,
    )
    for goal, here, origin, there, direction in (
        ("left", "左", "right", "右", Direction.LEFT),
        ("right", "右", "left", "左", Direction.RIGHT),
        ("up", "上", "bottom|below", "下", Direction.UP),
        ("down", "下", "top|above", "上", Direction.DOWN),
    )
)
"""Where pictures go: "push left", "wipe from the left" (to the right), "向左推入"."""

PACES: tuple[tuple[Pattern[str], int], ...] = (
    (_words(r"\bslow(?:er|ly)?\b|\blong(?:er)?\b|缓慢|慢速|慢慢"), 1_000),
    (_words(r"\b(?:fast|quick|snappy|rapid|short)(?:er|ly)?\b|快速|迅速|利落"), 300),
)
"""Milliseconds of a transition that is called slow or fast."""

ROLES: tuple[tuple[Pattern[str], str], ...] = (
    (_words(r"\bsub-?titles?\b|\bsub-?headings?\b|\btag ?lines?\b|副标题|副题"), "subtitle"),
    (_words(r"\bcta\b|\bcall[ -]to[ -]action\b|\bbutton text\b|行动号召|按钮文字"), "cta"),
    (_words(r"\bcaptions?\b|字幕|说明文字"), "caption"),
    (_words(r"\btitled?\b|\btitles\b|\bhead(?:line|ing)s?\b|(?<!副)标题|片名"), "title"),
)
SAYING = _words(r"\b(?:saying|says?|reads?|reading|text|words|called|named)\b|文字|写着|名为|叫做")
NO_TEXT = _words(
    r"\b(?:no|without|remove|delete|drop|hide|take out)\s+(?:(?:the|any|all|that)\s+)*"
    r"(?:on-?screen\s+)?(?:texts?|words)\b"
    r"|(?:不要|无|没有|去掉|删除|删掉|移除|隐藏)(?:所有|任何|全部|的)*(?:文字|文本)"
)
REMOVE = r"(?:\b(?:no|without|remove|delete|drop|hide|take out)\s+(?:(?:the|any|all|that)\s+)*)"
REMOVE_ZH = r"(?:不要|不需要|无|没有|去掉|删除|删掉|移除|隐藏|取消)(?:这个|那个|所有|任何)*(?:\S{1,4}[和与、])?"

FORMAT_WORDS: tuple[tuple[Pattern[str], Format], ...] = (
    (
        _words(r"\bvertical(?:ly)?\b|\btiktok\b|\breels?\b|\bshorts\b|\bstor(?:y|ies)\b|竖屏|竖版|竖向|抖音|快手"),
        Format.VERTICAL,
    ),
    (_words(r"\bsquare\b|正方形|方形|方版"), Format.SQUARE),
    (_words(r"\blandscape\b|\bhorizontal(?:ly)?\b|\bwide-?screen\b|横屏|横版|横向|宽屏"), Format.WIDE),
    (_words(r"\bportrait\b"), Format.PORTRAIT),
)
POSITIONS: tuple[tuple[Pattern[str], str], ...] = (
    (_words(r"\b(?:at|to|on|in) the top\b|顶部|上方"), "top"),
    (_words(r"\b(?:at|to|on|in) the (?:cent(?:er|re)|middle)\b|居中|中间|中央"), "center"),
    (_words(r"\b(?:at|to|on|in) the bottom\b|底部|下方"), "bottom"),
)

CREATE = _words(
    r"\b(?:(?:create|generate|produce)|(?:make|build|cut)\s+(?:me\s+)?(?:an?|another))\b[^.;]*"
    r"\b(?:videos?|clips?|slideshows?|reels?|ads?|films?|movies?)\b"
    r"|\bstart over\b|\bfrom scratch\b|(?:制作|生成|创建|做|剪)[^。；;]*(?:视频|短片|影片|片子)|重新(?:做|剪|生成)"
)
ALL_PHOTOS = _words(
    r"\b(?:all|new|every|added|remaining|other)\b[^.;]{0,24}\b(?:photos?|images?|pictures?)\b"
    r"|(?:所有|全部|新的?|新上传的?)(?:照片|图片|素材)"
)
STILL = _words(
    r"\bno (?:motion|movement|camera moves?)\b|\bstill photos?\b|\bwithout (?:motion|movement)\b|静止|不要运镜|无运镜"
)

NUMBERS: dict[str, int] = {
    "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12,
    "fifteen": 15, "twenty": 20, "twenty-five": 25, "thirty": 30, "forty": 40, "forty-five": 45, "fifty": 50,
    "sixty": 60, "ninety": 90, "one": 1, "two": 2,
}  # fmt: skip
"""Numbers that people write out."""
