"""Korean words and sentence pieces."""

from clt.studies.demo.corpus.language import Language
from clt.studies.demo.corpus.values import DAYS, EVERYBODY, LIST_WORDS, PLACES

# (noun, counter)
THINGS = {
    "apple": ("사과", "개"),
    "orange": ("오렌지", "개"),
    "book": ("책", "권"),
    "pen": ("펜", "자루"),
    "flower": ("꽃", "송이"),
    "ball": ("공", "개"),
    "photo": ("사진", "장"),
    "egg": ("달걀", "개"),
    "key": ("열쇠", "개"),
    "bottle": ("병", "개"),
    "cup": ("컵", "개"),
    "hat": ("모자", "개"),
}
PEOPLE = """아나 레오 마리아 오마르 유키 켄 사라 데이비드 리나 위고 엠마 다니엘 노라 톰 미나 알리 로라 페드로
에바 맥스 줄리아 이반 로사 아담"""
WORDS = """고양이 개 말 새 물고기 소 사과 바나나 레몬 포도 복숭아 배
빨간색 파란색 초록색 흰색 검은색 노란색 책 열쇠 컵 문 탁자 창문"""
TOWNS = """리마 키토 파리 베를린 오슬로 로마 마드리드 리스본 도쿄 서울 베이징
나이로비 다카르 튀니스 토론토 보고타
빈 아테네 모스크바 시드니"""
TARGETS = {
    "first": "첫 번째 단어",
    "second": "두 번째 단어",
    "last": "마지막 단어",
    "animal": "동물",
    "fruit": "과일",
    "colour": "색",
}
NOUNS = {
    "rain": "폭우",
    "fire": "큰불",
    "earthquake": "강한 지진",
    "snow": "폭설",
    "school": "새 학교",
    "bridge": "새 다리",
    "festival": "음악 축제",
    "strike": "철도 파업",
    "power cut": "정전",
    "book fair": "도서전",
    "concert": "무료 콘서트",
    "marathon": "마라톤",
}
# Where something falls or stands (e), not where something happens (eseo).
EVENTS_WITH_E = frozenset({"rain", "snow", "school", "bridge"})


def with_particle(noun: str, after_consonant: str, after_vowel: str) -> str:
    """The noun with the particle that its last syllable asks for.

    A Hangul syllable is 0xAC00 + 28 * (initial and vowel) + final, and a final of 0 means that it ends in a
    vowel.
    """
    return noun + (after_consonant if (ord(noun[-1]) - 0xAC00) % 28 else after_vowel)


def story_slots(person: str, thing: str, number: int) -> dict[str, str]:
    """Slots of a word problem: names and things with their particles, the number with the thing's counter."""
    noun, counter = THINGS[thing]
    return {
        "name_topic": with_particle(KOREAN.people[person], "은", "는"),
        "thing_object": with_particle(noun, "을", "를"),
        "counted": f"{number}{counter}",
        "counted_object": f"{number}{with_particle(counter, '을', '를')}",
        "how_many": f"몇 {counter}",
    }


KOREAN = Language(
    code="ko",
    space=" ",
    story_slots=story_slots,
    openings=(
        "{name_topic} {thing_object} {counted} 가지고 있습니다.",
        "오늘 {name_topic} {thing_object} {counted} 가지고 있습니다.",
        "{name_topic} 집에 {thing_object} {counted} 가지고 있습니다.",
    ),
    changes={
        "buy": "{counted_object} 더 삽니다.",
        "find": "{counted_object} 더 찾습니다.",
        "receive": "친구에게서 {counted_object} 더 받습니다.",
        "give": "친구에게 {counted_object} 줍니다.",
        "lose": "{counted_object} 잃어버립니다.",
        "sell": "{counted_object} 팝니다.",
    },
    questions=(
        "지금 {thing_object} {how_many} 가지고 있습니까?",
        "마지막에 {name_topic} {thing_object} {how_many} 가지고 있습니까?",
        "그 후 {name_topic} {thing_object} {how_many} 가지고 있습니까?",
    ),
    closings=(
        "지금 {thing_object} {counted} 가지고 있습니다.",
        "마지막에 {name_topic} {thing_object} {counted} 가지고 있습니다.",
        "그 후 {name_topic} {thing_object} {counted} 가지고 있습니다.",
    ),
    people=dict(zip(EVERYBODY, PEOPLE.split(), strict=True)),
    words=dict(zip(LIST_WORDS, WORDS.split(), strict=True)),
    comma=", ",
    orders={"write": "쓰세요", "name": "말하세요", "choose": "고르세요"},
    targets={target: with_particle(words, "을", "를") for target, words in TARGETS.items()},
    frames=(
        "다음 목록에서 {target} {order}: {list}.",
        "여기 목록이 있습니다: {list}. {target} {order}.",
        "이 세 단어를 보세요: {list}. {target} {order}.",
    ),
    told_lists=("{name_topic} 세 단어를 읽습니다: {list}.", "벽에 목록이 있습니다: {list}."),
    remark=lambda target, word: f"{with_particle(TARGETS[target], '은', '는')} '{word}'입니다.",
    places=dict(zip(PLACES, TOWNS.split(), strict=True)),
    days=dict(zip(DAYS, ("월요일", "화요일", "수요일", "목요일", "금요일"), strict=True)),
    events={
        "rain": "비가 세차게 내렸습니다",
        "fire": "큰불이 났습니다",
        "earthquake": "땅이 크게 흔들렸습니다",
        "snow": "눈이 많이 내렸습니다",
        "school": "새 학교가 문을 열었습니다",
        "bridge": "새 다리가 개통되었습니다",
        "festival": "음악 축제가 시작되었습니다",
        "strike": "기차 기관사들이 일을 멈췄습니다",
        "power cut": "전기가 모두 끊겼습니다",
        "book fair": "도서전이 열렸습니다",
        "concert": "유명한 가수가 무료로 노래했습니다",
        "marathon": "수천 명이 거리를 달렸습니다",
    },
    leads=(
        "{day}에 {place}에서 {event}.",
        "{place}에서는 {day}에 {event}.",
        "라디오에 따르면 {day}에 {place}에서 {event}.",
    ),
    details=(
        "모두가 그 이야기를 하고 있습니다.",
        "시장이 라디오에서 말했습니다.",
        "많은 주민들이 사진을 찍었습니다.",
        "거리는 사람들로 가득했습니다.",
        "신문도 이 소식을 전했습니다.",
        "도시에는 긴 하루였습니다.",
    ),
    headlines={event: f"{{place}}{'에' if event in EVENTS_WITH_E else '서'} {noun}" for event, noun in NOUNS.items()},
    mentions=(
        lambda event: f"{with_particle(NOUNS[event], '은', '는')} 그날 가장 큰 뉴스였습니다.",
        lambda event: f"사람들은 {NOUNS[event]} 이야기를 했습니다.",
    ),
)
