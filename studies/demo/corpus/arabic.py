"""Arabic words and sentence pieces (modern standard Arabic, without vowel signs)."""

from clt.studies.demo.corpus.language import Language
from clt.studies.demo.corpus.values import DAYS, EVERYBODY, LIST_WORDS, PLACES, WOMEN

# (plural for 3 to 10, singular accusative from 11 and after "how many")
THINGS = {
    "apple": ("تفاحات", "تفاحة"),
    "orange": ("برتقالات", "برتقالة"),
    "book": ("كتب", "كتابًا"),
    "pen": ("أقلام", "قلمًا"),
    "flower": ("زهور", "زهرة"),
    "ball": ("كرات", "كرة"),
    "photo": ("صور", "صورة"),
    "egg": ("بيضات", "بيضة"),
    "key": ("مفاتيح", "مفتاحًا"),
    "bottle": ("زجاجات", "زجاجة"),
    "cup": ("أكواب", "كوبًا"),
    "hat": ("قبعات", "قبعة"),
}
MASCULINE_THINGS = frozenset({"book", "pen", "key", "cup"})
PEOPLE = """آنا ليو ماريا عمر يوكي كين سارة ديفيد لينا هوغو إيما دانيال نورا توم مينا علي لورا بيدرو
إيفا ماكس جوليا إيفان روزا آدم"""
WORDS = """قطة كلب حصان طائر سمكة بقرة تفاحة موزة ليمونة عنب خوخ كمثرى
أحمر أزرق أخضر أبيض أسود أصفر كتاب مفتاح كوب باب طاولة نافذة"""
TOWNS = """ليما كيتو باريس برلين أوسلو روما مدريد لشبونة طوكيو سيول بكين نيروبي داكار تونس تورونتو بوغوتا
فيينا أثينا موسكو سيدني"""
TARGETS = {
    "first": "الكلمة الأولى",
    "second": "الكلمة الثانية",
    "last": "الكلمة الأخيرة",
    "animal": "الحيوان",
    "fruit": "الفاكهة",
    "colour": "اللون",
}
MASCULINE_TARGETS = frozenset({"animal", "colour"})
# (indefinite, definite)
NOUNS = {
    "rain": ("أمطار غزيرة", "الأمطار الغزيرة"),
    "fire": ("حريق كبير", "الحريق الكبير"),
    "earthquake": ("زلزال قوي", "الزلزال القوي"),
    "snow": ("ثلوج كثيفة", "الثلوج الكثيفة"),
    "school": ("مدرسة جديدة", "المدرسة الجديدة"),
    "bridge": ("جسر جديد", "الجسر الجديد"),
    "festival": ("مهرجان موسيقي", "المهرجان الموسيقي"),
    "strike": ("إضراب للقطارات", "إضراب القطارات"),
    "power cut": ("انقطاع للكهرباء", "انقطاع الكهرباء"),
    "book fair": ("معرض للكتاب", "معرض الكتاب"),
    "concert": ("حفل مجاني", "الحفل المجاني"),
    "marathon": ("سباق ماراثون", "سباق الماراثون"),
}
FEMININE_EVENTS = frozenset({"rain", "snow", "school"})


def story_slots(person: str, thing: str, number: int) -> dict[str, str]:
    """Slots of a word problem.

    `counted` is the number with the noun in the number and case that it asks for, `more` the adjective in
    agreement with it (a plural of things counts as feminine singular), `y` the prefix of a present-tense
    verb, `them` a suffix.
    """
    few = number <= 10
    plural, singular = THINGS[thing]
    return {
        "name": ARABIC.people[person],
        "y": "ت" if person in WOMEN else "ي",
        "them": "ها" if person in WOMEN else "ه",
        "counted": f"{number} {plural if few else singular}",
        "more": "إضافيًا" if thing in MASCULINE_THINGS and not few else "إضافية",
        "thing": singular,
    }


ARABIC = Language(
    code="ar",
    space=" ",
    story_slots=story_slots,
    openings=("لدى {name} {counted}.", "اليوم لدى {name} {counted}.", "لدى {name} {counted} في البيت."),
    changes={
        "buy": "{y}شتري {counted} {more}.",
        "find": "{y}جد {counted} {more}.",
        "receive": "يعطي{them} صديق {counted} {more}.",
        "give": "{y}عطي صديقًا {counted}.",
        "lose": "{y}فقد {counted}.",
        "sell": "{y}بيع {counted}.",
    },
    questions=(
        "كم {thing} لدي{them} الآن؟",
        "كم {thing} لدى {name} في النهاية؟",
        "كم {thing} لدى {name} بعد ذلك؟",
    ),
    closings=(
        "لدي{them} الآن {counted}.",
        "في النهاية لدى {name} {counted}.",
        "بعد ذلك لدى {name} {counted}.",
    ),
    people=dict(zip(EVERYBODY, PEOPLE.split(), strict=True)),
    words=dict(zip(LIST_WORDS, WORDS.split(), strict=True)),
    comma="، ",
    orders={"write": "اكتب", "name": "اذكر", "choose": "اختر"},
    targets=TARGETS,
    frames=(
        "{order} {target} من هذه القائمة: {list}.",
        "هذه قائمة: {list}. {order} {target}.",
        "انظر إلى هذه الكلمات الثلاث: {list}. {order} {target}.",
    ),
    told_lists=("{y}قرأ {name} ثلاث كلمات: {list}.", "على الجدار قائمة: {list}."),
    remark=lambda target, word: f"{TARGETS[target]} {'هو' if target in MASCULINE_TARGETS else 'هي'} «{word}».",
    places=dict(zip(PLACES, TOWNS.split(), strict=True)),
    days=dict(zip(DAYS, ("الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة"), strict=True)),
    events={
        "rain": "هطل المطر بغزارة",
        "fire": "اندلع حريق كبير",
        "earthquake": "اهتزت الأرض بقوة",
        "snow": "تساقط الثلج بكثافة",
        "school": "افتُتحت مدرسة جديدة",
        "bridge": "افتُتح جسر جديد",
        "festival": "بدأ مهرجان موسيقي",
        "strike": "توقف سائقو القطارات عن العمل",
        "power cut": "انقطعت الكهرباء",
        "book fair": "افتُتح معرض للكتاب",
        "concert": "غنت مغنية مشهورة مجانًا",
        "marathon": "ركض آلاف الأشخاص في الشوارع",
    },
    leads=(
        "يوم {day} {event} في {place}.",
        "في {place} {event} يوم {day}.",
        "بحسب الإذاعة، {event} في {place} يوم {day}.",
    ),
    details=(
        "الجميع يتحدث عن ذلك.",
        "تحدث رئيس البلدية في الإذاعة.",
        "التقط كثير من السكان صورًا.",
        "كانت الشوارع مليئة بالناس.",
        "كتبت الصحف عن ذلك.",
        "كان يومًا طويلًا للمدينة.",
    ),
    headlines={event: f"{noun} في {{place}}" for event, (noun, _) in NOUNS.items()},
    mentions=(
        lambda event: f"{'كانت' if event in FEMININE_EVENTS else 'كان'} {NOUNS[event][1]} خبر اليوم.",
        lambda event: f"تحدث الناس عن {NOUNS[event][0]}.",
    ),
)
