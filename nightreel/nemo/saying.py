"""What is told of a draft, in the languages that the service speaks: one table a language, sentences as data."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from nightreel.nemo.parsed import list_in


@dataclass(frozen=True)
class Language:
    """How one language tells what changed.

    Attributes:
        sentences: templates, by what they tell.
        things: names of what a track holds, by its kind, or a text's role.
        values: words for values of the studio's own keys, by key and value; others are shown as they are.
        keys: words for keys.
        comma: between the items of a list.
        quotes: around texts.
        seconds: the unit, as it stands behind a number.
    """

    sentences: Mapping[str, str]
    things: Mapping[str, str]
    values: Mapping[str, str]
    keys: Mapping[str, str]
    comma: str
    quotes: tuple[str, str]
    seconds: str

    def say(self, sentence: str, /, **parts: object) -> str:
        """Return the sentence of that name, with its parts."""
        return " ".join(self.sentences[sentence].format(**parts).split()).replace(" :", ":")

    def thing(self, name: str) -> str:
        """Return what people call a track's kind or a text's role."""
        return self.things.get(name) or name.replace("_", " ")

    def value(self, key: str, value: object) -> str:
        """Return *value* of the key as people say it."""
        if isinstance(value, bool) or value is None:
            return self.values.get(str(value).lower(), str(value))
        if key.endswith("volume") and isinstance(value, int | float):
            return f"{value:.0%}"
        if isinstance(value, list):
            return self.comma.join(self.value(key, one) for one in list_in(value))
        return self.values.get(f"{key}={value}") or str(value).replace("_", " ")

    def key(self, name: str) -> str:
        """Return what people call a key."""
        return self.keys.get(name) or name.rpartition(".")[2].replace("_", " ")

    def quote(self, text: str) -> str:
        """Return *text* in quotation marks."""
        return f"{self.quotes[0]}{text}{self.quotes[1]}"


ENGLISH = Language(
    sentences={
        "length": "The video is {now} long now (before: {then}).",
        "first length": "The video is {now} long.",
        "size": "The picture is {now} now (before: {then}).",
        "named": "The project is called {now}.",
        "unnamed": "The project has no name any more.",
        "added": "{Thing} added: {what}.",
        "removed": "{Thing} removed: {what}.",
        "order": "The order is now {what}.",
        "text": "{Thing} changed: {now} (before: {then}).",
        "place": "{Thing} {what} is shown at {now} now (before: {then}).",
        "longer": "{Thing} {what} lasts {now} now (before: {then}).",
        "key": "{Thing} {what}: {key} is {now} now (before: {then}).",
        "all": "{Key} is {now} everywhere now (before: {then}).",
        "draft": "{Key} is {now} now (before: {then}).",
        "count": "{Thing}: {now} segments now (before: {then}).",
        "unnamed change": "Something about the {thing} changed that has no name here.",
        "elsewhere": "Something changed in the timeline that has no name here.",
    },
    things={
        "video": "picture",
        "audio": "music",
        "text": "text",
        "other": "track",
        "title": "title",
        "cta": "call to action",
        "price": "price tag",
        "end_card": "end card",
    },
    values={"true": "on", "false": "off", "none": "none", "transition.kind=cross_fade": "cross-fade"},
    keys={
        "transition.kind": "transition",
        "transition.d": "transition's length in ms",
        "transition.direction": "transition's direction",
        "old": "old price",
        "colors": "brand colours",
        "m.language": "language",
        "start": "start in the file, in ms,",
        "seed": "variation",
    },
    comma=", ",
    quotes=("'", "'"),
    seconds=" s",
)
CHINESE = Language(
    sentences={
        "length": "视频时长现为 {now}（之前为 {then}）。",
        "first length": "视频时长为{now}。",
        "size": "画面尺寸现为 {now}（之前为 {then}）。",
        "named": "项目名称现为{now}。",
        "unnamed": "项目不再有名称。",
        "added": "已添加{thing}：{what}。",
        "removed": "已移除{thing}：{what}。",
        "order": "顺序现为：{what}。",
        "text": "{thing}已改为{now}（之前为{then}）。",
        "place": "{thing}{what}现在显示于{now}（之前为{then}）。",
        "longer": "{thing}{what}现在持续{now}（之前为{then}）。",
        "key": "{thing}{what}：{key}现为 {now}（之前为 {then}）。",
        "all": "全部{key}现为 {now}（之前为 {then}）。",
        "draft": "{key}现为 {now}（之前为 {then}）。",
        "count": "{thing}：现有{now}段（之前为{then}段）。",
        "unnamed change": "{thing}有所改变，但没有可显示的名称。",
        "elsewhere": "时间线有所改变，但没有可显示的名称。",
    },
    things={
        "video": "画面",
        "audio": "音乐",
        "text": "文字",
        "other": "轨道",
        "title": "标题",
        "subtitle": "副标题",
        "lower_third": "下方字幕条",
        "price": "价格标签",
        "cta": "行动号召",
        "caption": "字幕",
        "end_card": "片尾卡",
    },
    values={
        "true": "开",
        "false": "关",
        "none": "无",
        "position=top": "顶部",
        "position=center": "居中",
        "position=bottom": "底部",
        "motion=zoom_in": "推近",
        "motion=zoom_out": "拉远",
        "motion=pan_left": "左移",
        "motion=pan_right": "右移",
        "motion=pan_up": "上移",
        "motion=pan_down": "下移",
        "motion=hold": "静止",
        "transition.kind=cut": "硬切",
        "transition.kind=cross_fade": "叠化",
        "transition.kind=dip_black": "黑场过渡",
        "transition.kind=dip_white": "白场过渡",
        "transition.kind=slide": "滑动",
        "transition.kind=push": "推移",
        "transition.kind=whip": "甩镜",
        "transition.kind=wipe": "擦除",
        "transition.kind=zoom": "缩放",
        "transition.kind=blur": "模糊",
    },
    keys={
        "transition.kind": "转场",
        "transition.d": "转场时长（毫秒）",
        "transition.direction": "转场方向",
        "motion": "运镜",
        "mood": "风格",
        "volume": "音量",
        "position": "位置",
        "old": "原价",
        "style": "文字风格",
        "colors": "品牌色",
        "font": "字体",
        "m.language": "语言",
        "start": "素材起点（毫秒）",
        "seed": "变化",
        "asset": "素材",
    },
    comma="、",
    quotes=("“", "”"),
    seconds=" 秒",
)


def language_of(code: str) -> Language:
    """Return the language of a BCP 47 code; English where there is none of ours."""
    return CHINESE if code.lower().startswith("zh") else ENGLISH


_CJK = re.compile(r"[\u3400-\u9fff]")


def spoken_in(text: str, otherwise: str) -> str:
    """Return the language that *text* is in: "zh" where it holds Chinese, else the code *otherwise*."""
    return "zh" if _CJK.search(text) else otherwise
