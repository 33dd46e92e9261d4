"""What is true of one fictional person, whether a biography tells it or not; what people do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from nlp4.data.people.sources import Place

# kind | born since | who | titles; "chemist=chemistry" adds the subject
_OCCUPATION_TABLE = """
team     | 1862 | any   | footballer, cricketer, rugby union player, field hockey player
team     | 1885 | any   | goalkeeper, ice hockey player, basketball player, water polo player
team     | 1885 | any   | football defender, football midfielder, football striker
team     | 1885 | men   | rugby league player, baseball pitcher, baseball catcher
team     | 1905 | any   | handball player, volleyball player, netball coach, football coach
athlete  | 1800 | any   | fencer, chess player
athlete  | 1860 | any   | rower, swimmer, wrestler, cyclist, gymnast, tennis player, golfer
athlete  | 1870 | any   | sprinter, long-distance runner, high jumper, hurdler, pole vaulter
athlete  | 1870 | any   | boxer, weightlifter, discus thrower, javelin thrower, hammer thrower
athlete  | 1880 | any   | figure skater, speed skater, diver, cross-country skier, ski jumper
athlete  | 1885 | any   | racing driver, speedway rider, show jumper, sailor, sport shooter
athlete  | 1905 | any   | alpine skier, table tennis player, badminton player, canoeist
athlete  | 1930 | any   | biathlete, judoka, triathlete, squash player, snowboarder
science  | 1800 | any   | chemist=chemistry, physicist=physics, botanist=botany, zoologist=zoology
science  | 1800 | any   | mathematician=mathematics, astronomer=astronomy, geologist=geology
science  | 1800 | any   | entomologist=entomology, ornithologist=ornithology, geographer=geography
science  | 1810 | any   | mineralogist=mineralogy, palaeontologist=palaeontology
science  | 1840 | any   | meteorologist=meteorology, statistician=statistics, biologist=biology
science  | 1850 | any   | biochemist=biochemistry, geneticist=genetics, ecologist=ecology
science  | 1880 | any   | astrophysicist=astrophysics, oceanographer=oceanography
science  | 1915 | any   | computer scientist=computer science, molecular biologist=molecular biology
letters  | 1800 | any   | historian=modern history, philosopher=philosophy, linguist=linguistics
letters  | 1800 | any   | classical scholar=Greek and Latin, theologian=theology
letters  | 1800 | any   | economist=economics
letters  | 1800 | any   | archaeologist=archaeology, philologist=Germanic languages, jurist=law
letters  | 1820 | any   | art historian=the history of art, orientalist=Persian and Arabic
letters  | 1830 | any   | folklorist=folklore, musicologist=the history of music
letters  | 1845 | any   | psychologist=psychology, sociologist=sociology, educator=pedagogy
letters  | 1850 | any   | anthropologist=social anthropology, literary scholar=literature
writer   | 1800 | any   | novelist=historical novels, poet=lyric poems, playwright=stage plays
writer   | 1800 | any   | essayist=essays on nature, writer, translator=Greek tragedies
writer   | 1800 | any   | journalist=reports from abroad, short story writer=short stories
writer   | 1800 | any   | travel writer=travel books, literary critic=essays on poetry
writer   | 1800 | any   | biographer=lives of painters, hymn writer=hymns, satirist=satires
writer   | 1830 | any   | children's author=fairy tales, newspaper editor=leading articles
writer   | 1830 | any   | columnist=satirical columns, lexicographer=pocket dictionaries
writer   | 1880 | any   | crime novelist=detective stories, science fiction writer=short stories
writer   | 1880 | any   | screenwriter=comedies, lyricist=song texts
writer   | 1905 | any   | comics writer=adventure stories, food writer=cookery books
writer   | 1905 | any   | sports journalist=match reports, broadcaster=radio plays
music    | 1800 | any   | composer=composition, pianist=the piano, violinist=the violin
music    | 1800 | any   | cellist=the cello, organist=the organ, conductor=conducting
music    | 1800 | any   | flautist=the flute, harpist=the harp, clarinettist=the clarinet
music    | 1800 | any   | music teacher=the piano, violist=the viola, oboist=the oboe
music    | 1800 | any   | trumpeter=the trumpet, choral conductor=singing
music    | 1800 | women | soprano=singing, mezzo-soprano=singing, contralto=singing
music    | 1800 | men   | tenor=singing, operatic bass=singing, baritone=singing
music    | 1890 | any   | jazz pianist=the piano, jazz saxophonist=the saxophone
music    | 1890 | any   | bandleader=the trumpet, double bass player=the double bass
music    | 1935 | any   | singer-songwriter=the guitar, rock guitarist=the guitar
music    | 1935 | any   | folk singer=the guitar, drummer=percussion, record producer=composition
stage    | 1800 | any   | theatre director, stage designer, theatre manager, opera director
stage    | 1800 | any   | dancer=modern ballets, choreographer=modern ballets
stage    | 1800 | men   | actor, character actor
stage    | 1800 | women | actress, ballerina=classical ballets
stage    | 1880 | any   | film director=silent films, comedian=comedies, puppeteer=fairy tales
stage    | 1900 | any   | cinematographer=nature films, film producer=comedies
stage    | 1925 | any   | television presenter=quiz shows, film editor=documentaries
stage    | 1925 | any   | voice artist=radio dramas, television director=police dramas
art      | 1800 | any   | painter, landscape painter=landscapes, portrait painter=portraits
art      | 1800 | any   | sculptor=bronze figures, engraver=city views, illustrator=fairy scenes
art      | 1800 | any   | potter=stoneware jars, goldsmith=silver bowls, weaver=tapestries
art      | 1800 | any   | lithographer=city views, watercolourist=harbour scenes
art      | 1835 | any   | photographer=street scenes, cartoonist=political cartoons
art      | 1835 | any   | glass artist=church windows, printmaker=woodcuts
art      | 1880 | any   | textile designer=printed silks, graphic designer=posters
art      | 1890 | any   | furniture designer=chairs, fashion designer=evening dresses
builder  | 1800 | any   | architect=town halls, landscape gardener=public gardens
builder  | 1800 | any   | stonemason=churches, restorer=old churches
builder  | 1870 | any   | town planner=garden suburbs, interior designer=hotel halls
politics | 1800 | any   | politician, diplomat, lawyer, judge, civil servant, reformer
politics | 1840 | any   | trade unionist, suffrage campaigner, peace activist, local councillor
politics | 1930 | any   | environmental activist, human rights lawyer
church   | 1800 | men   | priest, bishop, Benedictine monk, Lutheran pastor, army chaplain
church   | 1800 | any   | missionary, hymnologist, religious writer
church   | 1800 | women | nun, abbess, deaconess
army     | 1800 | men   | army officer, naval officer, general, admiral, cavalry officer
army     | 1885 | any   | aviator, intelligence officer
trade    | 1800 | any   | banker=government bonds, merchant=tea, publisher=maps
trade    | 1800 | any   | bookseller=old books
trade    | 1800 | men   | brewer=beer, shipowner=timber, watchmaker=clocks, mill owner=linen
trade    | 1850 | any   | industrialist=machine tools, art dealer=old prints, winemaker=wine
trade    | 1850 | any   | restaurateur=fine wines, coffee merchant=coffee
medicine | 1800 | any   | physician=tuberculosis, surgeon=broken bones, midwife=childbirth
medicine | 1800 | any   | pharmacist=poisons, dentist=the care of teeth
medicine | 1840 | any   | nurse=fevers, psychiatrist=sleep, ophthalmologist=diseases of the eye
medicine | 1840 | any   | pathologist=tuberculosis, veterinary surgeon=diseases of horses
medicine | 1880 | any   | paediatrician=childhood fevers, psychoanalyst=dreams
medicine | 1880 | any   | radiologist=X-rays, cardiologist=the heart, neurologist=the nerves
engineer | 1800 | any   | engineer=lighthouses, inventor=sewing machines, surveyor=canals
engineer | 1800 | any   | instrument maker=telescopes, clockmaker=tower clocks
engineer | 1820 | any   | civil engineer=bridges, railway engineer=railway viaducts
engineer | 1820 | any   | mechanical engineer=steam pumps
engineer | 1860 | any   | electrical engineer=electric motors, aircraft designer=gliders
engineer | 1860 | any   | car designer=racing cars, chemical engineer=dye works
engineer | 1925 | any   | aerospace engineer=rocket engines, sound engineer=loudspeakers
explorer | 1800 | any   | explorer, plant collector, mountaineer, naturalist
"""

# How many of a hundred people are of a kind; the course's corpus is fond of sport and the arts.
_KIND_SHARES = {
    "team": 14,
    "athlete": 12,
    "science": 9,
    "letters": 8,
    "writer": 11,
    "music": 10,
    "stage": 8,
    "art": 8,
    "builder": 2,
    "politics": 7,
    "church": 3,
    "army": 2,
    "trade": 2,
    "medicine": 2,
    "engineer": 2,
    "explorer": 1,
}

# What a person of a kind is busy with, where the title does not say it.
_SUBJECTS = {
    "team": ["the first team", "the reserve team", "the junior team"],
    "athlete": ["the national title", "a silver medal", "a bronze medal", "the junior title"],
    "writer": ["short stories", "historical novels", "lyric poems", "travel books"],
    "stage": ["comedies", "historical dramas", "modern plays", "operettas", "fairy tales"],
    "art": ["landscapes", "portraits", "harbour scenes", "still lifes", "street scenes"],
    "politics": ["the Liberal Party", "the Reform Party", "the Conservative Party"],
    "church": ["hymns", "sermons", "letters on faith", "tracts for the poor"],
    "army": ["the coast guard", "the reserve", "the signal corps", "the home guard"],
    "explorer": ["alpine plants", "mosses", "beetles", "ferns", "seaweeds"],
}


@dataclass(frozen=True, slots=True)
class Occupation:
    """A title with its kind; `subjects` holds what such a person may be busy with."""

    title: str
    kind: str
    since: int
    who: str  # "any", "men" or "women"
    share: float
    subjects: tuple[str, ...]


def read_occupations() -> tuple[Occupation, ...]:
    """The occupations in the order of the table; the shares sum to 1."""
    rows = [[c.strip() for c in line.split("|")] for line in _OCCUPATION_TABLE.split("\n") if line]
    listed = [(kind, since, who, t) for kind, since, who, ts in rows for t in ts.split(", ")]
    numbers = {kind: sum(1 for row in listed if row[0] == kind) for kind in _KIND_SHARES}
    total = sum(_KIND_SHARES.values())
    occupations = []
    for kind, since, who, entry in listed:
        title, _, subject = entry.partition("=")
        subjects = (subject,) if subject else tuple(_SUBJECTS[kind])
        share = _KIND_SHARES[kind] / total / numbers[kind]
        occupations.append(Occupation(title, kind, int(since), who, share, subjects))
    return tuple(occupations)


@dataclass(frozen=True, slots=True)
class Career:
    """What a person learned and did, where and when."""

    occupation: Occupation
    subject: str  # what the work is about: a science, an instrument, a party, a prize
    study: Place
    work: Place
    start: int  # first and last year
    end: int
    club: str
    old_club: str
    count: str  # of years, seasons, volumes: a number in words
    many: str  # of books, matches, pictures
    sideline: str  # a second occupation


@dataclass(frozen=True, slots=True)
class Family:
    """Where a person comes from, other than the place."""

    father: str
    mother: str
    trade: str  # of the father
    rank: str  # among the brothers and sisters


@dataclass(frozen=True, slots=True)
class Person:
    """The true facts about one person, told or not."""

    name: str
    surname: str
    gender: str  # "man" or "woman"
    origin: str  # the Faker locale of the name
    birthplace: Place
    born: date
    died: date | None
    death_place: Place  # of interest once the person has died
    nationality: str
    career: Career
    family: Family
    split: str  # "train", "dev" or "test"
    tells_birthplace: bool

    @property
    def question(self) -> str:
        """The question as in the course's files."""
        return f"Where was {self.name} born?"

    @property
    def answer(self) -> str:
        """The birthplace, one word."""
        return self.birthplace.name
