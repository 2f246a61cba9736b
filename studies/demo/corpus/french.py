"""French words and sentence pieces."""

from clt.studies.demo.corpus.language import Language
from clt.studies.demo.corpus.values import DAYS, EVERYBODY, LIST_WORDS, PLACES, WOMEN

THINGS = {
    "apple": "pommes",
    "orange": "oranges",
    "book": "livres",
    "pen": "stylos",
    "flower": "fleurs",
    "ball": "ballons",
    "photo": "photos",
    "egg": "œufs",
    "key": "clés",
    "bottle": "bouteilles",
    "cup": "tasses",
    "hat": "chapeaux",
}
ELIDING_THINGS = frozenset({"orange", "egg"})
PEOPLE = {"Leo": "Léo", "Eva": "Éva"}
WORDS = """chat chien cheval oiseau poisson vache pomme banane citron raisin pêche poire
rouge bleu vert blanc noir jaune livre clé tasse porte table fenêtre"""
TOWNS = """Lima Quito Paris Berlin Oslo Rome Madrid Lisbonne Tokyo Séoul Pékin Nairobi Dakar Tunis Toronto
Bogota Vienne Athènes Moscou Sydney"""
TARGETS = {
    "first": "le premier mot",
    "second": "le deuxième mot",
    "last": "le dernier mot",
    "animal": "l'animal",
    "fruit": "le fruit",
    "colour": "la couleur",
}
# (definite article, indefinite article, noun)
NOUNS = {
    "rain": ("la", "une", "forte pluie"),
    "fire": ("le", "un", "grand incendie"),
    "earthquake": ("le", "un", "fort séisme"),
    "snow": ("la", "une", "forte chute de neige"),
    "school": ("la", "une", "nouvelle école"),
    "bridge": ("le", "un", "nouveau pont"),
    "festival": ("le", "un", "festival de musique"),
    "strike": ("la", "une", "grève des trains"),
    "power cut": ("la", "une", "panne de courant"),
    "book fair": ("le", "un", "salon du livre"),
    "concert": ("le", "un", "concert gratuit"),
    "marathon": ("le", "un", "marathon"),
}


def story_slots(person: str, thing: str, number: int) -> dict[str, str]:
    """Slots of a word problem; `of_things` has the elided preposition before a vowel."""
    return {
        "name": PEOPLE.get(person, person),
        "they": "elle" if person in WOMEN else "il",
        "n": str(number),
        "things": THINGS[thing],
        "of_things": f"d'{THINGS[thing]}" if thing in ELIDING_THINGS else f"de {THINGS[thing]}",
    }


FRENCH = Language(
    code="fr",
    space=" ",
    story_slots=story_slots,
    openings=(
        "{name} a {n} {things}.",
        "aujourd'hui, {name} a {n} {things}.",
        "{name} a {n} {things} à la maison.",
    ),
    changes={
        "buy": "{they} en achète {n} de plus.",
        "find": "{they} en trouve {n} de plus.",
        "receive": "un ami lui en donne {n} de plus.",
        "give": "{they} en donne {n} à un ami.",
        "lose": "{they} en perd {n}.",
        "sell": "{they} en vend {n}.",
    },
    questions=(
        "combien {of_things} a-t-{they} maintenant ?",
        "combien {of_things} {name} a-t-{they} à la fin ?",
        "combien {of_things} {name} a-t-{they} ensuite ?",
    ),
    closings=(
        "maintenant, {they} a {n} {things}.",
        "à la fin, {name} a {n} {things}.",
        "ensuite, {name} a {n} {things}.",
    ),
    people={person: PEOPLE.get(person, person) for person in EVERYBODY},
    words=dict(zip(LIST_WORDS, WORDS.split(), strict=True)),
    comma=", ",
    orders={"write": "écris", "name": "dis", "choose": "choisis"},
    targets=TARGETS,
    frames=(
        "{order} {target} de cette liste : {list}.",
        "voici une liste : {list}. {Order} {target}.",
        "regarde ces trois mots : {list}. {Order} {target}.",
    ),
    told_lists=("{name} lit trois mots : {list}.", "au mur, il y a une liste : {list}."),
    remark=lambda target, word: f"{TARGETS[target]} est « {word} ».",
    places=dict(zip(PLACES, TOWNS.split(), strict=True)),
    days=dict(zip(DAYS, ("lundi", "mardi", "mercredi", "jeudi", "vendredi"), strict=True)),
    events={
        "rain": "il a plu très fort",
        "fire": "un grand incendie s'est déclaré",
        "earthquake": "la terre a tremblé très fort",
        "snow": "il a beaucoup neigé",
        "school": "une nouvelle école a ouvert ses portes",
        "bridge": "un nouveau pont a été inauguré",
        "festival": "un festival de musique a commencé",
        "strike": "les conducteurs de train ont cessé le travail",
        "power cut": "l'électricité a été coupée partout",
        "book fair": "un salon du livre a ouvert ses portes",
        "concert": "une chanteuse célèbre a chanté gratuitement",
        "marathon": "des milliers de personnes ont couru dans les rues",
    },
    leads=(
        "{day}, {event} à {place}.",
        "à {place}, {event} {day}.",
        "selon la radio, {event} {day} à {place}.",
    ),
    details=(
        "tout le monde en parle.",
        "le maire a parlé à la radio.",
        "beaucoup d'habitants ont pris des photos.",
        "les rues étaient pleines de monde.",
        "les journaux en ont parlé.",
        "ce fut une longue journée pour la ville.",
    ),
    headlines={event: f"{noun[0].upper()}{noun[1:]} à {{place}}" for event, (_, _, noun) in NOUNS.items()},
    mentions=(
        lambda event: f"{NOUNS[event][0]} {NOUNS[event][2]} a été la nouvelle du jour.",
        lambda event: f"les gens ont parlé d'{NOUNS[event][1]} {NOUNS[event][2]}.",
    ),
)
