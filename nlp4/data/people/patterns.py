"""The sentence patterns: add a line here and the biographies use it.

A pattern is English with facts in braces. `{a:nationality}` puts "a" or "an" in front;
`{Surname}` starts a sentence with a capital. The facts are named in `biographies.FIELDS`.
What a pattern needs follows from its facts: `{died}` needs a person who has died, `{home}` one
who lives, `{town}` a birthplace that is a city and not a country. `{deed}` is a line of DEEDS;
"since 1885:" in front of it keeps it for people born then or later. A line that starts with two
spaces continues the one above.
"""

from __future__ import annotations

# The birthplace is `{birthplace}` ("Columbus"), `{place}` ("Columbus, Ohio") or `{town}`.
NAMING_PATTERNS = """
{name} (born {born} in {place}) {is} {a:nationality} {occupation} who {deed}
{name} (born {born} in {birthplace}) {is} {a:nationality} {occupation}, who {deed},
  and {brief}
{name} (born {born}, {place}) {is} {a:nationality} {occupation} and {sideline} who {deed}, and
  {brief}
{name} (b. {born}, {birthplace}) {is} {a:nationality} {occupation} and {sideline} who {deed}
{name}, born {on_born} in {place}, {is} {a:nationality} {occupation} who {deed}
{name} ({born} {town} -- {died} {death_place}) was {a:nationality} {occupation} who {deed}
{name} ({born} {town} - {died} {death_place}) was {a:nationality} {occupation} and {sideline}
{name} (born {born} in {birthplace}; died {died} in {death_place}) was {a:nationality}
  {occupation} who {deed}
{name} (b. {born}, {town}; d. {died}) was {a:nationality} {occupation}, who {deed}
{name} (born {born}, {place} - died {died}, {death_place}) was {a:nationality} {occupation}
{name} ({born} -- {died}) was {a:nationality} {occupation} born in {place}, who {deed}
{name} ({born} - {died}), {occupation}, was born in {birthplace}, the {rank} {child} of {father},
  {a:trade}
{name} ({birthplace}, {born} -- {death_place}, {died}) was {a:nationality} {occupation} who {deed}
{name} {is} {a:nationality} {occupation} who was born in {place} {on_born} and {deed}
{name} {is} {a:nationality} {occupation} and {sideline}, born in {birthplace} {on_born}, who {deed}
{name} {is} {a:nationality} {occupation} born in {place} who {deed}; {he} also worked as
  {a:sideline}, and {brief}
{name} {is} {a:nationality} {occupation}, born in {place} and now based in {home}
{name} {is} {a:nationality} {occupation} who was born in {place} and now lives in {home}
{name} {is} a native of {place} and {a:occupation} who {deed}
{name}, {a:nationality} {occupation}, was born in {birthplace} {on_born} and {deed}
{name} was born {on_born} in {place}, and {deed}
{name} was born in {place}, to {father}, {a:trade}, and his wife {mother}
{name} was born in {birthplace} {on_born}, and died in {death_place} {on_died}
{name} was born at {town} {on_born} and educated in {study}, and {deed}
{name} began as {a:occupation} in {work}, but was born in {town}, where {his} father was
  {a:trade}
Born in {place}, {surname} {deed}, and {brief}
Born in {place}, {surname} studied in {study} and later {deed}
Born in {birthplace} {on_born}, {surname} {deed}
Born {on_born} in {place}, {surname} {deed}, and {brief}
Born in {birthplace} to {a:trade} and his wife, {surname} went to school in {study} and then {deed}
Born in {place}, {he} was the {rank} {child} of {father} and his wife {mother}, and {deed},
  and {brief}
Born in {birthplace}, {name} {deed}, and settled in {work} in {start}
Born and raised in {place}, {surname} {deed}
Born to {father} and his wife {mother} in {birthplace}, {surname} {deed}
Raised in {study} but born in {town}, {surname} {deed}
A native of {place}, {surname} was at first {a:sideline}, but {deed}, and {brief}
{Surname} was born {on_born} in {place}, and {deed}
{Surname} was born in {town}, moved to {study} as a child, and {deed}
{Surname} was born and raised in {birthplace}, where {his} father was {a:trade}, and {deed}
{Surname} was born at {town} {on_born}, the {rank} {child} of {father}, {a:trade}, and his wife
  {mother}
{Surname} was born in {place}
{Surname} grew up in {study}, though {he} was born in {town}, and {deed}
{Surname} was born in {place} to {a:nationality} family, and {deed}
{Surname} left {town}, where {he} was born {on_born}, for {work}, and {deed}
{Surname} {deed}; {he} was born in {birthplace} {on_born}, the {rank} {child} of {a:trade}
Nothing is known of the schooling of {surname}, who was born in {place} {on_born} and {deed}
The {occupation} {name} was born in {birthplace} {on_born}, and {deed}
The {nationality} {occupation} {name} came from {place}, where {he} was born {on_born}
After {his} studies in {study}, {surname}, who was born in {place}, {deed}
{Surname} was born in {birthplace} {on_born}, the {rank} {child} of {father}, {a:trade}, and his
  wife {mother}, and {deed}
The {rank} {child} of {a:trade}, {name} was born in {place} and {deed}
{name} came to {work} in {start} from {town}, where {he} was born {on_born}
{name} ({a:nationality} {occupation}, born {born} in {birthplace}) {deed}
"""

# About one biography in twenty does not tell the birthplace, as in the course.
SILENT_PATTERNS = """
{Surname} later {deed}
{name} {is} {a:nationality} {occupation} and {sideline} who {deed}
{name} (born {born}) {is} {a:nationality} {occupation} who {deed}
{Surname} studied in {study}, and then {deed}
After {his} studies in {study}, {surname} {deed}
In {start} {surname} moved to {work}, and {deed}
As {a:occupation}, {surname} {deed}
Little is known of the childhood of {surname}, who {deed}
For many years {surname} lived in {work}, and {deed}
The name of {surname} is linked with {work}, where {he} {deed}
Trained in {study}, {surname} {deed}
{name}, the {rank} {child} of {a:trade}, {deed}
In later life {surname} {deed}, and {brief}
"""

# What people did, by kind: a line that completes "who ..." or "and later ...".
# Each kind has lines without any city, so that every pattern finds one that repeats nothing.
DEEDS = {
    "team": """
played for {team}
played for {team} from {start} to {end}
played for {team} and {old_team} between {start} and {end}
appeared more than {many} times for {subject} of {team}
played more than {many} matches for {his} country
scored in the final of the national cup in {end}
captained {team} for {count} seasons before moving into coaching
won the league with {team} in {end} and then retired because of an injury
since 1885: was part of the national team which finished fourth in {end}
began {his} career at {old_team} before signing for {team} in {start}
since 1895: played at two world championships and later trained young players
""",
    "athlete": """
won {subject} in {end}
since 1870: won {subject} at the European championships in {work} in {end}
since 1875: took part in the Olympic Games without winning a medal
competed for {his} country from {start} to {end}
since 1860: set {count} national records between {start} and {end}
trained in {work} and won {subject} in {end}
won {subject} twice and then trained others in {work}
missed the {end} season because of an illness
since 1875: finished fourth at the world championships held in {study}
""",
    "science": """
taught {subject} at the University of {work}
studied {subject} at the University of {study}
taught {subject} from {start} until {end}
received a doctorate in {subject} from the University of {study}
was professor of {subject} at the University of {work} from {start} to {end}
wrote a textbook of {subject} which went through {count} editions
is best known for work on the foundations of {subject}
founded the institute of {subject} in {work} and led it for {count} years
published more than {many} papers on {subject}
""",
    "letters": """
taught {subject} at the University of {work}
studied {subject} at the University of {study}
lectured on {subject} from {start} until {end}
received a doctorate in {subject} from the University of {study} in {start}
was professor of {subject} in {work} from {start} to {end}
wrote a history of the city of {work} in {count} volumes
is known for {his} essays on {subject}
edited a journal of {subject} for {count} years
""",
    "writer": """
wrote more than {many} books
published a first book of {subject} in {start}
wrote {subject} for newspapers in {work}
worked for a newspaper in {work} from {start} to {end}
wrote more than {many} books besides {his} {subject}
is best known for {his} {subject}
published {subject} in {work} and abroad
won a national prize for {his} {subject} in {end}
studied law in {study} before turning to {subject}
""",
    "music": """
studied {subject} at the {study} Conservatory
studied {subject} with private teachers
taught {subject} at the {work} Academy of Music from {start} to {end}
performed in {work} for {count} seasons
first appeared at the {work} Concert Hall in {start}
since 1915: recorded {count} albums between {start} and {end}
since 1885: made a first recording in {start} and toured widely after that
played with the {work} Symphony Orchestra and taught {subject}
toured abroad every summer until {end}
""",
    "stage": """
worked at the {work} City Theatre
worked at the {work} City Theatre from {start} to {end}
trained at the drama school in {study}
is best known for {his} work in {subject}
founded a small theatre in {work} in {start} and led it for {count} years
took part in more than {many} productions, mostly {subject}
first came to notice in {start} with a series of {subject}
won the critics' prize in {end} and then turned to teaching
""",
    "art": """
studied at the {study} Academy of Fine Arts
is known for {his} {subject}
showed {his} {subject} in {work} in {start}
worked in {work} from {start} to {end}
had a workshop in {work} and taught at the academy there until {end}
exhibited {subject} at {many} shows between {start} and {end}
made {subject} for private patrons
left more than {many} {subject}, most of them now in private hands
""",
    "builder": """
designed {subject} in {work}
designed more than {many} {subject}
trained at the {study} School of Building
worked in {work} from {start} to {end} and designed {subject}
is best known for {his} {subject}
rebuilt old {subject} with great care until {end}
""",
    "politics": """
was a member of parliament for {subject}
was a member of parliament for {subject} from {start} to {end}
sat on the city council of {work} for {count} years
served as consul in {work} until {end}
studied law at the University of {study} and joined {subject} in {start}
worked for {subject} from {start} until {end}
spoke for {subject} on housing and schools
""",
    "church": """
served in {work} from {start} to {end}
wrote {subject} which were widely read
studied theology at the University of {study}
founded a school for orphans in {work} in {start}
is remembered for {his} {subject}
travelled for {count} years and kept a diary
""",
    "army": """
served in {subject} from {start} to {end}
was stationed in {work} for {count} years
trained at the {study} Military Academy
joined {subject} in {start} and left it in {end}
wrote a handbook for {subject}
""",
    "trade": """
sold {subject} in {work} from {start} to {end}
made a fortune with {subject}
opened a shop for {subject} in {work} in {start}
learned the trade in {study} and dealt in {subject}
gave money for {count} schools and a hospital
""",
    "medicine": """
worked at the {work} City Hospital
worked at the {work} City Hospital from {start} to {end}
studied medicine at the University of {study}
is known for early work on {subject}
wrote a handbook on {subject} in {start}
trained more than {many} students
""",
    "engineer": """
built {subject} in {work}
built {subject} from {start} until {end}
studied at the {study} Institute of Technology
held {many} patents, most of them for {subject}
is best known for the design of {subject}
worked in {work} and was a pioneer of {subject}
""",
    "explorer": """
collected {subject} for the museum in {work}
travelled for {count} years in search of {subject}
spent the years from {start} to {end} abroad and wrote about {subject}
studied in {study} and later collected {subject}
is known for {his} books on {subject}
""",
}

# Short lines that fit everyone, for the end of a sentence.
BRIEF_DEEDS = """
settled in {work}
lived in {work} until {end}
often stayed in {study}
moved to {work} in {start}
later taught in {study}
wrote a short memoir
"""
