"""Japanese words and sentence pieces."""

from clt.studies.demo.corpus.language import Language
from clt.studies.demo.corpus.values import DAYS, EVERYBODY, LIST_WORDS, PLACES

# (noun, counter)
THINGS = {
    "apple": ("りんご", "個"),
    "orange": ("オレンジ", "個"),
    "book": ("本", "冊"),
    "pen": ("ペン", "本"),
    "flower": ("花", "本"),
    "ball": ("ボール", "個"),
    "photo": ("写真", "枚"),
    "egg": ("卵", "個"),
    "key": ("鍵", "本"),
    "bottle": ("瓶", "本"),
    "cup": ("カップ", "個"),
    "hat": ("帽子", "個"),
}
PEOPLE = """アナ レオ マリア オマール ユキ ケン サラ デイビッド リナ ユーゴ
エマ ダニエル ノラ トム ミナ アリ ローラ ペドロ
エバ マックス ジュリア イワン ロサ アダム"""
WORDS = """猫 犬 馬 鳥 魚 牛 りんご バナナ レモン ぶどう 桃 梨
赤 青 緑 白 黒 黄色 本 鍵 カップ ドア テーブル 窓"""
TOWNS = """リマ キト パリ ベルリン オスロ ローマ マドリード リスボン 東京 ソウル 北京
ナイロビ ダカール チュニス トロント ボゴタ
ウィーン アテネ モスクワ シドニー"""
TARGETS = {
    "first": "最初の言葉",
    "second": "二番目の言葉",
    "last": "最後の言葉",
    "animal": "動物",
    "fruit": "果物",
    "colour": "色",
}
NOUNS = {
    "rain": "大雨",
    "fire": "大火事",
    "earthquake": "強い地震",
    "snow": "大雪",
    "school": "新しい学校",
    "bridge": "新しい橋",
    "festival": "音楽祭",
    "strike": "鉄道スト",
    "power cut": "停電",
    "book fair": "ブックフェア",
    "concert": "無料コンサート",
    "marathon": "マラソン",
}


def story_slots(person: str, thing: str, number: int) -> dict[str, str]:
    """Slots of a word problem: `counted` is the number with the thing's counter."""
    noun, counter = THINGS[thing]
    name = JAPANESE.people[person]
    return {"name": name, "thing": noun, "counted": f"{number}{counter}", "how_many": f"何{counter}"}


JAPANESE = Language(
    code="ja",
    space="",
    story_slots=story_slots,
    openings=(
        "{name}は{thing}を{counted}持っています。",
        "今日、{name}は{thing}を{counted}持っています。",
        "{name}は家に{thing}を{counted}持っています。",
    ),
    changes={
        "buy": "さらに{counted}買います。",
        "find": "さらに{counted}見つけます。",
        "receive": "友だちからさらに{counted}もらいます。",
        "give": "友だちに{counted}あげます。",
        "lose": "{counted}なくします。",
        "sell": "{counted}売ります。",
    },
    questions=(
        "今、{thing}を{how_many}持っていますか。",
        "最後に{name}は{thing}を{how_many}持っていますか。",
        "その後、{name}は{thing}を{how_many}持っていますか。",
    ),
    closings=(
        "今、{thing}を{counted}持っています。",
        "最後に{name}は{thing}を{counted}持っています。",
        "その後、{name}は{thing}を{counted}持っています。",
    ),
    people=dict(zip(EVERYBODY, PEOPLE.split(), strict=True)),
    words=dict(zip(LIST_WORDS, WORDS.split(), strict=True)),
    comma="、",
    orders={"write": "書いてください", "name": "言ってください", "choose": "選んでください"},
    targets=TARGETS,
    frames=(
        "次のリストから{target}を{order}：{list}。",
        "ここにリストがあります：{list}。{target}を{order}。",
        "この三つの言葉を見てください：{list}。{target}を{order}。",
    ),
    told_lists=("{name}は三つの言葉を読みます：{list}。", "壁にリストがあります：{list}。"),
    remark=lambda target, word: f"{TARGETS[target]}は「{word}」です。",
    places=dict(zip(PLACES, TOWNS.split(), strict=True)),
    days=dict(zip(DAYS, ("月曜日", "火曜日", "水曜日", "木曜日", "金曜日"), strict=True)),
    events={
        "rain": "雨が激しく降りました",
        "fire": "大きな火事が起きました",
        "earthquake": "地面が大きく揺れました",
        "snow": "雪がたくさん降りました",
        "school": "新しい学校が開校しました",
        "bridge": "新しい橋が開通しました",
        "festival": "音楽祭が始まりました",
        "strike": "鉄道の運転士が仕事を止めました",
        "power cut": "街中の電気が消えました",
        "book fair": "ブックフェアが始まりました",
        "concert": "有名な歌手が無料で歌いました",
        "marathon": "何千人もの人が通りを走りました",
    },
    leads=(
        "{day}、{place}で{event}。",
        "{place}では{day}に{event}。",
        "ラジオによると、{day}に{place}で{event}。",
    ),
    details=(
        "みんながその話をしています。",
        "市長がラジオで話しました。",
        "多くの住民が写真を撮りました。",
        "通りは人でいっぱいでした。",
        "新聞もそれを伝えました。",
        "町にとって長い一日でした。",
    ),
    headlines={
        event: f"{{place}}{'に' if event in ('school', 'bridge') else 'で'}{noun}" for event, noun in NOUNS.items()
    },
    mentions=(
        lambda event: f"{NOUNS[event]}はその日一番のニュースでした。",
        lambda event: f"人々は{NOUNS[event]}の話をしました。",
    ),
)
