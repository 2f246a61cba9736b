"""Portuguese (Brazil) words and sentence pieces."""

from clt.studies.demo.corpus.language import Language
from clt.studies.demo.corpus.values import DAYS, EVERYBODY, LIST_WORDS, PLACES, WOMEN

THINGS = {
    "apple": "maçãs",
    "orange": "laranjas",
    "book": "livros",
    "pen": "canetas",
    "flower": "flores",
    "ball": "bolas",
    "photo": "fotos",
    "egg": "ovos",
    "key": "chaves",
    "bottle": "garrafas",
    "cup": "xícaras",
    "hat": "chapéus",
}
MASCULINE_THINGS = frozenset({"book", "egg", "hat"})
PEOPLE = {"Leo": "Léo", "Julia": "Júlia"}
WORDS = """gato cachorro cavalo pássaro peixe vaca maçã banana limão uva pêssego pera
vermelho azul verde branco preto amarelo livro chave xícara porta mesa janela"""
TOWNS = """Lima Quito Paris Berlim Oslo Roma Madri Lisboa Tóquio Seul Pequim Nairóbi Dacar Túnis Toronto
Bogotá Viena Atenas Moscou Sydney"""
TARGETS = {
    "first": "a primeira palavra",
    "second": "a segunda palavra",
    "last": "a última palavra",
    "animal": "o animal",
    "fruit": "a fruta",
    "colour": "a cor",
}
# (definite article, indefinite article, noun)
NOUNS = {
    "rain": ("a", "uma", "forte chuva"),
    "fire": ("o", "um", "grande incêndio"),
    "earthquake": ("o", "um", "forte terremoto"),
    "snow": ("a", "uma", "forte nevasca"),
    "school": ("a", "uma", "nova escola"),
    "bridge": ("a", "uma", "nova ponte"),
    "festival": ("o", "um", "festival de música"),
    "strike": ("a", "uma", "greve de trens"),
    "power cut": ("o", "um", "apagão"),
    "book fair": ("a", "uma", "feira do livro"),
    "concert": ("o", "um", "show gratuito"),
    "marathon": ("a", "uma", "maratona"),
}


def story_slots(person: str, thing: str, number: int) -> dict[str, str]:
    """Slots of a word problem; the question word agrees with the things."""
    return {
        "name": PEOPLE.get(person, person),
        "they": "ela" if person in WOMEN else "ele",
        "n": str(number),
        "things": THINGS[thing],
        "many": "quantos" if thing in MASCULINE_THINGS else "quantas",
    }


PORTUGUESE = Language(
    code="pt",
    space=" ",
    story_slots=story_slots,
    openings=(
        "{name} tem {n} {things}.",
        "hoje {name} tem {n} {things}.",
        "{name} tem {n} {things} em casa.",
    ),
    changes={
        "buy": "{they} compra mais {n}.",
        "find": "{they} encontra mais {n}.",
        "receive": "um amigo lhe dá mais {n}.",
        "give": "{they} dá {n} a um amigo.",
        "lose": "{they} perde {n}.",
        "sell": "{they} vende {n}.",
    },
    questions=(
        "{many} {things} {they} tem agora?",
        "{many} {things} {name} tem no final?",
        "{many} {things} {name} tem depois disso?",
    ),
    closings=(
        "agora {they} tem {n} {things}.",
        "no final {name} tem {n} {things}.",
        "depois disso {name} tem {n} {things}.",
    ),
    people={person: PEOPLE.get(person, person) for person in EVERYBODY},
    words=dict(zip(LIST_WORDS, WORDS.split(), strict=True)),
    comma=", ",
    orders={"write": "escreva", "name": "diga", "choose": "escolha"},
    targets=TARGETS,
    frames=(
        "{order} {target} desta lista: {list}.",
        "esta é uma lista: {list}. {Order} {target}.",
        "olhe para estas três palavras: {list}. {Order} {target}.",
    ),
    told_lists=("{name} lê três palavras: {list}.", "na parede há uma lista: {list}."),
    remark=lambda target, word: f'{TARGETS[target]} é "{word}".',
    places=dict(zip(PLACES, TOWNS.split(), strict=True)),
    days=dict(zip(DAYS, ("segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira"), strict=True)),
    events={
        "rain": "choveu com força",
        "fire": "houve um grande incêndio",
        "earthquake": "a terra tremeu com força",
        "snow": "nevou muito",
        "school": "uma nova escola abriu as portas",
        "bridge": "uma nova ponte foi inaugurada",
        "festival": "começou um festival de música",
        "strike": "os maquinistas dos trens pararam de trabalhar",
        "power cut": "faltou luz em toda parte",
        "book fair": "uma feira do livro abriu as portas",
        "concert": "uma cantora famosa cantou de graça",
        "marathon": "milhares de pessoas correram pelas ruas",
    },
    leads=(
        "na {day} {event} em {place}.",
        "em {place} {event} na {day}.",
        "segundo o rádio, {event} em {place} na {day}.",
    ),
    details=(
        "todo mundo está falando disso.",
        "o prefeito falou no rádio.",
        "muitos moradores tiraram fotos.",
        "as ruas estavam cheias de gente.",
        "os jornais escreveram sobre isso.",
        "foi um dia longo para a cidade.",
    ),
    headlines={event: f"{noun[0].upper()}{noun[1:]} em {{place}}" for event, (_, _, noun) in NOUNS.items()},
    mentions=(
        lambda event: f"{NOUNS[event][0]} {NOUNS[event][2]} foi a notícia do dia.",
        lambda event: f"as pessoas falaram de {NOUNS[event][1]} {NOUNS[event][2]}.",
    ),
)
