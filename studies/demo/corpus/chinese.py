"""Chinese (simplified) words and sentence pieces."""

from clt.studies.demo.corpus.language import Language
from clt.studies.demo.corpus.values import DAYS, EVERYBODY, LIST_WORDS, PLACES, WOMEN

# (measure word, noun)
THINGS = {
    "apple": ("个", "苹果"),
    "orange": ("个", "橙子"),
    "book": ("本", "书"),
    "pen": ("支", "钢笔"),
    "flower": ("朵", "花"),
    "ball": ("个", "球"),
    "photo": ("张", "照片"),
    "egg": ("个", "鸡蛋"),
    "key": ("把", "钥匙"),
    "bottle": ("个", "瓶子"),
    "cup": ("个", "杯子"),
    "hat": ("顶", "帽子"),
}
PEOPLE = """安娜 利奥 玛丽亚 奥马尔 由纪 肯 萨拉 大卫 莉娜 雨果 艾玛 丹尼尔 诺拉 汤姆 米娜 阿里 劳拉 佩德罗
伊娃 马克斯 朱莉娅 伊万 罗莎 亚当"""
WORDS = """猫 狗 马 鸟 鱼 牛 苹果 香蕉 柠檬 葡萄 桃子 梨 红色 蓝色 绿色 白色 黑色 黄色
书 钥匙 杯子 门 桌子 窗户"""
TOWNS = """利马 基多 巴黎 柏林 奥斯陆 罗马 马德里 里斯本 东京 首尔 北京 内罗毕 达喀尔 突尼斯 多伦多 波哥大
维也纳 雅典 莫斯科 悉尼"""
TARGETS = {
    "first": "第一个词",
    "second": "第二个词",
    "last": "最后一个词",
    "animal": "动物",
    "fruit": "水果",
    "colour": "颜色",
}
NOUNS = {
    "rain": "大雨",
    "fire": "大火",
    "earthquake": "强烈地震",
    "snow": "大雪",
    "school": "新学校",
    "bridge": "新桥",
    "festival": "音乐节",
    "strike": "铁路罢工",
    "power cut": "停电",
    "book fair": "书展",
    "concert": "免费音乐会",
    "marathon": "马拉松",
}
# What a Chinese headline adds to the noun to sound complete.
HEADLINE_VERBS = {
    "school": "开学",
    "bridge": "通车",
    "festival": "开幕",
    "book fair": "开幕",
    "marathon": "开跑",
}


def story_slots(person: str, thing: str, number: int) -> dict[str, str]:
    """Slots of a word problem: `counted` is the number with the thing's measure word."""
    measure, noun = THINGS[thing]
    return {
        "name": CHINESE.people[person],
        "they": "她" if person in WOMEN else "他",
        "thing": noun,
        "counted": f"{number}{measure}",
        "measure": measure,
    }


CHINESE = Language(
    code="zh",
    space="",
    story_slots=story_slots,
    openings=(
        "{name}有{counted}{thing}。",
        "今天{name}有{counted}{thing}。",
        "{name}家里有{counted}{thing}。",
    ),
    changes={
        "buy": "{they}又买了{counted}。",
        "find": "{they}又找到了{counted}。",
        "receive": "朋友又给了{they}{counted}。",
        "give": "{they}给了朋友{counted}。",
        "lose": "{they}弄丢了{counted}。",
        "sell": "{they}卖掉了{counted}。",
    },
    questions=(
        "{they}现在有多少{measure}{thing}？",
        "最后{name}有多少{measure}{thing}？",
        "之后{name}有多少{measure}{thing}？",
    ),
    closings=(
        "{they}现在有{counted}{thing}。",
        "最后{name}有{counted}{thing}。",
        "之后{name}有{counted}{thing}。",
    ),
    people=dict(zip(EVERYBODY, PEOPLE.split(), strict=True)),
    words=dict(zip(LIST_WORDS, WORDS.split(), strict=True)),
    comma="、",
    orders={"write": "写出", "name": "说出", "choose": "选出"},
    targets=TARGETS,
    frames=(
        "请{order}下面列表中的{target}：{list}。",
        "这里有一个列表：{list}。请{order}{target}。",
        "请看这三个词：{list}。请{order}{target}。",
    ),
    told_lists=("{name}读了三个词：{list}。", "墙上有一个列表：{list}。"),
    remark=lambda target, word: f"{TARGETS[target]}是“{word}”。",
    places=dict(zip(PLACES, TOWNS.split(), strict=True)),
    days=dict(zip(DAYS, ("星期一", "星期二", "星期三", "星期四", "星期五"), strict=True)),
    events={
        "rain": "雨下得很大",
        "fire": "发生了一场大火",
        "earthquake": "地面剧烈震动",
        "snow": "雪下得很大",
        "school": "一所新学校开学了",
        "bridge": "一座新桥通车了",
        "festival": "音乐节开始了",
        "strike": "火车司机停止了工作",
        "power cut": "到处都没有电",
        "book fair": "书展向公众开放了",
        "concert": "一位著名歌手免费演出",
        "marathon": "数千人在街上跑步",
    },
    leads=("{day}，{place}{event}。", "{day}在{place}，{event}。", "据电台报道，{day}{place}{event}。"),
    details=(
        "大家都在谈论这件事。",
        "市长在电台发表了讲话。",
        "许多居民拍了照片。",
        "街上挤满了人。",
        "报纸也作了报道。",
        "对这座城市来说，这是漫长的一天。",
    ),
    headlines={event: f"{{place}}{noun}{HEADLINE_VERBS.get(event, '')}" for event, noun in NOUNS.items()},
    mentions=(
        lambda event: f"{NOUNS[event]}成了当天的头条新闻。",
        lambda event: f"人们谈起了{NOUNS[event]}。",
    ),
)
