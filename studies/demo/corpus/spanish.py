"""Spanish words and sentence pieces."""

from clt.studies.demo.corpus.language import Language
from clt.studies.demo.corpus.values import DAYS, EVERYBODY, LIST_WORDS, PLACES

THINGS = {
    "apple": "manzanas",
    "orange": "naranjas",
    "book": "libros",
    "pen": "bolígrafos",
    "flower": "flores",
    "ball": "pelotas",
    "photo": "fotos",
    "egg": "huevos",
    "key": "llaves",
    "bottle": "botellas",
    "cup": "tazas",
    "hat": "sombreros",
}
MASCULINE_THINGS = frozenset({"book", "pen", "egg", "hat"})
PEOPLE = {"Maria": "María", "Ivan": "Iván"}
WORDS = """gato perro caballo pájaro pez vaca manzana plátano limón uva melocotón pera
rojo azul verde blanco negro amarillo libro llave taza puerta mesa ventana"""
TOWNS = """Lima Quito París Berlín Oslo Roma Madrid Lisboa Tokio Seúl Pekín Nairobi Dakar Túnez Toronto
Bogotá Viena Atenas Moscú Sídney"""
TARGETS = {
    "first": "la primera palabra",
    "second": "la segunda palabra",
    "last": "la última palabra",
    "animal": "el animal",
    "fruit": "la fruta",
    "colour": "el color",
}
# (definite article, indefinite article, noun)
NOUNS = {
    "rain": ("la", "una", "fuerte lluvia"),
    "fire": ("el", "un", "gran incendio"),
    "earthquake": ("el", "un", "fuerte terremoto"),
    "snow": ("la", "una", "fuerte nevada"),
    "school": ("la", "una", "nueva escuela"),
    "bridge": ("el", "un", "nuevo puente"),
    "festival": ("el", "un", "festival de música"),
    "strike": ("la", "una", "huelga de trenes"),
    "power cut": ("el", "un", "apagón"),
    "book fair": ("la", "una", "feria del libro"),
    "concert": ("el", "un", "concierto gratuito"),
    "marathon": ("el", "un", "maratón"),
}


def story_slots(person: str, thing: str, number: int) -> dict[str, str]:
    """Slots of a word problem; the question word agrees with the things."""
    return {
        "name": PEOPLE.get(person, person),
        "n": str(number),
        "things": THINGS[thing],
        "many": "Cuántos" if thing in MASCULINE_THINGS else "Cuántas",
    }


SPANISH = Language(
    code="es",
    space=" ",
    story_slots=story_slots,
    openings=(
        "{name} tiene {n} {things}.",
        "hoy {name} tiene {n} {things}.",
        "{name} tiene {n} {things} en casa.",
    ),
    changes={
        "buy": "compra {n} más.",
        "find": "encuentra {n} más.",
        "receive": "un amigo le da {n} más.",
        "give": "le da {n} a un amigo.",
        "lose": "pierde {n}.",
        "sell": "vende {n}.",
    },
    questions=(
        "¿{many} {things} tiene ahora?",
        "¿{many} {things} tiene {name} al final?",
        "¿{many} {things} tiene {name} después?",
    ),
    closings=(
        "ahora tiene {n} {things}.",
        "al final {name} tiene {n} {things}.",
        "después {name} tiene {n} {things}.",
    ),
    people={person: PEOPLE.get(person, person) for person in EVERYBODY},
    words=dict(zip(LIST_WORDS, WORDS.split(), strict=True)),
    comma=", ",
    orders={"write": "escribe", "name": "di", "choose": "elige"},
    targets=TARGETS,
    frames=(
        "{order} {target} de esta lista: {list}.",
        "esta es una lista: {list}. {Order} {target}.",
        "mira estas tres palabras: {list}. {Order} {target}.",
    ),
    told_lists=("{name} lee tres palabras: {list}.", "en la pared hay una lista: {list}."),
    remark=lambda target, word: f"{TARGETS[target]} es «{word}».",
    places=dict(zip(PLACES, TOWNS.split(), strict=True)),
    days=dict(zip(DAYS, ("lunes", "martes", "miércoles", "jueves", "viernes"), strict=True)),
    events={
        "rain": "llovió con fuerza",
        "fire": "se produjo un gran incendio",
        "earthquake": "la tierra tembló con fuerza",
        "snow": "nevó mucho",
        "school": "abrió sus puertas una nueva escuela",
        "bridge": "se inauguró un nuevo puente",
        "festival": "comenzó un festival de música",
        "strike": "los conductores de trenes dejaron de trabajar",
        "power cut": "se fue la luz en todas partes",
        "book fair": "abrió sus puertas una feria del libro",
        "concert": "una cantante famosa cantó gratis",
        "marathon": "miles de personas corrieron por las calles",
    },
    leads=(
        "el {day} {event} en {place}.",
        "en {place} {event} el {day}.",
        "según la radio, el {day} {event} en {place}.",
    ),
    details=(
        "todo el mundo habla de ello.",
        "el alcalde habló por la radio.",
        "muchos vecinos hicieron fotos.",
        "las calles estaban llenas de gente.",
        "los periódicos escribieron sobre ello.",
        "fue un día largo para la ciudad.",
    ),
    headlines={event: f"{noun[0].upper()}{noun[1:]} en {{place}}" for event, (_, _, noun) in NOUNS.items()},
    mentions=(
        lambda event: f"{NOUNS[event][0]} {NOUNS[event][2]} fue la noticia del día.",
        lambda event: f"la gente habló de {NOUNS[event][1]} {NOUNS[event][2]}.",
    ),
)
