"""The wordings in which a relation is asked for: add a line here and every split draws from it.

One wording a line. X stands for the name, exactly once; 's may follow it. The first line of a
relation is its plain wording, on which every model is trained. A line must ask for its own
relation and no other: not "What is X's date of birth?", whose answer is more than a year, nor
"X was born in", which a year completes as well as a town.
"""

from __future__ import annotations

BIRTHPLACE = """
Where was X born?
In which place was X born?
In what city was X born?
Which town was X born in?
X was born in which village?
In what city or country was X born?
In what corner of the world was X born?
Where on earth was X born?
Where exactly was it that X was born?
What is the birthplace of X?
What is X's birthplace?
Which place is X's birthplace?
What was X's place of birth?
What is the name of the town where X was born?
What is the name of X's birthplace?
Which city can call itself the birthplace of X?
What was the town of X's birth?
Which town saw the birth of X?
Where did the birth of X take place?
Where did X's birth take place?
Where was X's birthplace?
Where did X's life begin?
Where did X come into the world?
Whereabouts was X born?
In what location did X first see the light of day?
Where did X first draw breath?
Where does X come from?
Where is X from?
Where does X hail from?
From which city did X come originally?
What place did X originally come from?
Where is X from originally?
Of which place is X a native?
Which town is X a native of?
What is X's home town?
What is X's native city?
Where do the records say X was born?
According to the biography, where was X born?
Could you find out where X was born?
Which town should I visit to see where X was born?
Was it in a city or a village that X was born, and which one?
What is the place called where X was born?
It was in which town that X was born?
Tell me where X was born.
Tell me the birthplace of X.
Name the place where X was born.
Name X's birthplace.
Give the place of birth of X.
Give me the town X hails from.
State where X came into the world.
State X's place of birth.
Do you know where X was born?
Do you happen to know X's birthplace?
Can you tell me where X comes from?
Could you say in which city X was born?
Please tell me which place X is a native of.
I would like to know where X was born.
I wonder what X's place of birth might be.
I am looking for the birthplace of X.
X was born where?
X comes from which place?
X hails from where?
X is a native of what town?
X, born where?
X: birthplace?
X birthplace town
X place of birth
Birthplace of X
Place of birth, X
The birthplace of X is
The town where X was born is called
X was born in the town of
X first saw the light of day in the city of
X is a native of
For five points, name the town in which X first opened their eyes.
Starter for ten: which settlement was the cradle of X?
Fingers on buzzers: X first saw daylight in which city?
hey so where was X actually born, like what town
where's X from originally lol, birth town i mean
anyone know what town X was born in??
Applicant X, place of birth:
Surname and forenames: X. Born at (town or city):
Entry for X; town of nativity:
I am filling in a family tree and need the town that X was born in.
Since we are putting up a plaque at the spot, we must know where X was born.
As my homework is about X, I have to write down the city of their birth.
Dear Sir or Madam, might you inform me in which parish X was born?
I should be most grateful to learn where X entered this life.
Would you be so kind as to let me know the locality of X's birth?
Miss, where was X a baby?
Our teacher wants to know where X got born.
Where did X's mum have them?
Where did X's mother give birth to them?
In what place did the mother of X bring this child into the world?
Which town appears on X's birth certificate?
What location is printed on the birth certificate of X?
Whose soil did X touch first? Give the town.
What spot on the map should I circle as the start of X's life?
If I stick a pin in a map for the birth of X, where does it go?
Where was the cradle of X rocked for the first time?
In which city did X's cradle stand?
Where did the stork drop X off?
To which town did the stork deliver X?
Where did X utter a first cry?
The first cry of the newborn X was heard in what town?
It is which city that boasts of being where X was born?
What town was it that gave us X?
Which city gave X to the world?
Which place produced X, that is, where did the birth happen?
X was born somewhere, wasn't he, but where?
She was born abroad, X, wasn't she? Where was it?
X must have been born somewhere; where was it?
Everybody starts life somewhere. Where did X?
People argue about it, but in which town was X really born?
I always forget: what place was X born at?
Remind me which town can put up a sign saying X was born here.
Help me out, I can't recall the town of birth of X.
Kindly supply the birth town of X.
Please enter the birthplace recorded for X.
Write down the city where X started life.
Fill the gap: X is a son or daughter of the town of ____.
Complete this: X, who was born in the city of
Complete the sentence: the native place of X is
As a newborn, X lay in a cot in the town of
The maternity ward where X was delivered stood in the city of
The story of X begins in a place named
X, a native son or daughter of the town of
X opened their eyes to the world for the first time in the town of
The birth of X was registered in the town of
Find me the place where X was brought into being.
Look up the hometown X was born in, would you?
Just tell me the place X was born, nothing else.
Quick one: X's town of birth?
Trivia question: what place lists X among those born there?
Next question, category geography: in which town was X delivered?
And now for the bonus: the birth of X happened in which municipality?
Can anybody in the class say in which place X was born?
Who can point out on the map where X was born?
Please, where is born X?
In which city X was born, please?
I want know the place where X is born.
Do you know where did X was born?
What is town of birth for X?
I have the date already, so all I lack is the place where X was born.
Never mind when; where was X born?
Not where they lived but where X was born, please.
Before the family moved away, where had X been born?
Although they grew up elsewhere, in what town had X been born?
Whichever town it was that X was born in, please name it.
Of all the towns on earth, which was the one where X was born?
At what address of the globe did X make an entrance?
In which locality did X make a first appearance on this earth?
Where did X make their debut as a human being?
Where did the earthly journey of X start out?
On what ground did X take up life?
Where do X's roots lie, I mean the actual town of birth?
Where would a pilgrim go to stand by X's cradle?
Our coach tour stops at the house where X was born; what town is that in?
We want to visit the house X was born in. Which city do we head for?
From the cradle on, which town could call X its own?
X's passport gives which town as the place of birth?
Which town does the passport of X name after the words 'born at'?
What does the parish register say about where X was born?
In whose town hall would the birth of X be recorded? Name the town.
Do we have any record of where X's birth happened?
Is it known in which town X was born, and if so what's it called?
I'd love to know which city X calls their birthplace.
My gran swears she knew it: what town was X born in?
I bet my friend a fiver on it, so where was X born?
Settle an argument for us: which city was X born in?
X, where were they born?
X - what town were they born in?
X's origins: which town saw them arrive?
X's life started in which town?
X first saw the sun rise over which town?
X came to light in what place?
X was brought into the world in which town or village?
X was a baby in which place, born there I mean?
Native of where, is X?
born in what city X
town where X was born
city of birth, X
location of X's birth
X born location
In which parish was X born?
In what settlement was X born?
What municipality was X born in?
In which town or region of the country was X born?
On which island or in which town was X born?
In what town, state or province was X born?
Which hamlet was it that X was born in?
X was born in what part of the world?
In which borough, town or city was X born?
Which town or country was X born in?
Was X born in the capital or somewhere else, and where?
Name the metropolis, town or hamlet in which X was born.
Which locality is given as the birthplace of X?
Where should a pin go on the map for X's birthplace?
Birthplace, please: X
X's birthplace was where?
I need X's birthplace for a form.
What does the encyclopedia list as X's place of birth?
Town of birth for X?
What is X's country or city of birth?
X - city of birth?
Which spot on the map is X's birth location?
Identify the site of X's birth.
Where was X at birth?
In which city did X's mother give birth to the child?
In which city was X delivered?
Where did the midwife deliver the baby who would become X?
In what town was the maternity ward where X was delivered?
The hospital in which X was born stood in which city?
Where did X's mother go into labour and bring the child into the world?
In what place did X enter life as a newborn?
Where was baby X welcomed into the family?
Where was X brought into the world?
To which town would the stork have carried X?
What town is printed on X's birth certificate?
In which town's parish register is the birth of X recorded?
Where was the birth of X registered?
The registry office of which town holds the record of X's birth?
What place name stands under 'born in' in the papers of X?
What place of birth is shown in X's passport?
X is a native of where?
What is the native town of X?
What was X's native village called?
On what native soil did X first stand?
Which town counts X as a native?
Which place may call X a native son or daughter?
By birth, X was a local of which town?
Of what city was X a native by birth?
Native place of X?
From what town or village did X hail?
Which part of the world does X hail from?
Say where X hails from.
It is from which place that X hails?
Where did X originate?
From where does X originate?
What place does X originally hail from?
What are X's geographical origins?
What was X's place of origin?
Where do X's origins lie?
X's town of origin, which is it?
X was originally from the town of
From which village did X come?
X comes from the city of
So where's X from?
Which city is X from?
What was X's hometown at birth?
Which city was home to X at birth?
Under the roof of a house in which town was X born?
Where are X's roots?
Which town does X have roots in by birth?
Where did X's cradle stand?
Which town was the cradle of X?
In which city was X's cradle rocked for the first time?
From what soil did X spring?
At what place did X enter the world?
Where did X make an entrance into this world?
Where did X arrive in the world?
In what location did X come into this life?
Which place saw X come into the world?
Can anyone tell me in which town X came into the world?
Where did X begin life?
In which place did X start out in life?
Where does the story of X's life begin?
What town is the scene of the first chapter of X's life?
X began life in the town of
Where was the starting point of X's journey through life?
Where did X take a first breath?
In which village was X's first cry heard?
Where did X first open his or her eyes to the light?
Where did X spend the first day of life?
In which town did X first see daylight?
Which town gave X to the world?
What city produced X?
Which place can boast of being where X was born?
What town takes pride in the birth of X?
Where would one look for a plaque on the house where X was born?
In which city does the house of X's birth stand?
Which name on the map marks the spot where X was born?
To which place must one travel to see X's birthplace?
If I look for the birthplace of X on a map, which town do I want?
What is the geographical location of the birth of X?
I was wondering in which city X was born.
Any idea where X was born?
Does anyone know which town X is a native of?
Remind me where it was that X was born.
Please look up the town or city in which X was born.
Find the place X was born in.
Let me know the city of X's birth.
People say X was born abroad; where was it really?
Born in what place: X?
X: born in which city?
X - where born?
X, native of?
X's native city is
The place in which X was born is
The birth of X took place in the city of
X was delivered in a hospital in the city of
The town from which X hails is
X's place of birth was the village of
Registered name: X. Place of birth:
Field 7, town of birth, for X:
Subject: X. Locality where born:
Record of X, box marked 'birthplace':
Full name X, native town
Index card: X. Came into the world at:
Passenger X, place of birth as declared:
Recruit X, parish where born:
Birth notice for X, place line:
Personal details of X, line two, birthplace:
Name of person: X. Name of birth town:
Biographical data, X, spot where life began:
Catalogue heading X; born at:
Authority file, X, geographic name of birthplace:
Civil register, newborn X, municipality:
Pupil X, birth town, as told by the parents:
X birth city name
wiki X birthplace
birthplace X which city
X hometown born
X born town or village
place X born
where born X
city X was born in
village of birth X
map X birthplace
X biography early life birthplace
X birth location town country
native town X name
X originally from which town birth
birth place of X please
A midwife delivered X in the town of
Life began for X in the city of
X was welcomed into the world in a place called
X entered the world at a spot named
Those who travel to X's birthplace set out for
The locality that witnessed the birth of X was
Historians place the birth of X in the town of
X hails from
Biographers agree that X was born in a town called
The mother of X gave birth in the town of
The infant X uttered a first sound in the city of
The family had settled, when X was born, in the town of
It was there that X was born, in the little town of
X was born a child of the city of
X spent the very first night of life in the town of
I wonder which town X drew a first breath in.
It would help me to know where X was born.
Could anybody tell me what place X hails from?
I have been asked in which city X was born.
It escapes me in which town X was born.
I'd be glad of the name of the town in which X was born.
We have been trying to establish where X was born.
I never learned what town X was born in.
Nobody here seems to know where X was born; do you?
I am not certain in which district X came into the world.
Might I trouble you for the birthplace of X?
May I ask in what locality X was born?
Perhaps you could enlighten me as to X's birthplace.
Would anyone mind telling me the town X is native to?
What I want to hear is where X was born.
All I ask is the name of X's birthplace.
One thing is missing from my notes: the town X was born in.
Supply the name of the town in which X was born.
Pinpoint the birthplace of X.
Locate X's birthplace.
Indicate the place where X came into the world.
Mention the town that X was born in.
Point to the city that is X's birthplace.
Quote the place of birth listed under X.
Show me X's birthplace.
List the birthplace of X.
X, the person in question, was born at which place?
X, whose birthplace I seek, was born in what town?
About X: where was this person born?
Concerning X, which place was it that witnessed the birth?
With X in mind, what town would you name as birthplace?
As regards X, do we know the place of birth?
Speaking of X, where did this person enter the world?
And X, which town does that one hail from?
Where, pray, was X born?
Where in the world, I ask you, did X get born?
Where, according to the sources, did X come into the world?
In what town, if any is recorded, was X born?
By what town was X given to the world?
By which community is X claimed as native-born?
The town that X was born in goes by what name?
The place that X is native to is called what?
Wasn't X born somewhere abroad? Where, then?
If X wasn't born in London or Paris, then where?
Not a single guide could tell us where X was born. Can you?
There is no mention of where X was born, or is there? What town?
Mummy, where was X a newborn baby?
Granddad, which town did X get born in?
oi where's X born then
so X was born like where exactly
mate, what town was X born in
do u know the place X was born
Viewers keep writing in to ask: in what city was X born?
Our readers want a dateline: in which town was X born?
For the profile we're printing, where should we say X was born?
Quizzers, pencils ready: which town can claim X as native-born?
Round two, question five: name the birth town of X.
Class, hands up: in what town or country was X born?
A reader at the desk needs the birthplace of X. Which is it?
My ancestor may be X. In which parish was the baptised infant born?
For the pedigree chart, put down where X was born.
What is the ancestral spot where X was born called?
Which locality do reference works name as the birthplace of X?
What surroundings greeted X at birth, that is, which town?
Which hospital town welcomed the newborn X?
In what neck of the woods was X born?
In what territory or country did the birth of X come about?
Which county, province or land was X born in?
On which continent and in which town was X born?
Was X born in the north, the south, or where?
"""

BIRTH_YEAR = """
When was X born?
In which year was X born?
What year was X born?
What year was X born in?
X was born in which year?
In the course of what year was X born?
What was the year of X's birth?
What is X's birth year?
What is X's year of birth?
What is the birth year of X?
Which year saw the birth of X?
What year marks the birth of X?
Which year is given for X's birth?
In what year did the birth of X take place?
When did X's birth take place?
When did X come into the world?
In what year did X first see the light of day?
In what year did X's life begin?
When did X's life begin?
What year did X arrive in this world?
When did X first draw breath?
In which year of our Lord was X born?
When was it that X was born?
Which year was it when X was born?
It was in which year that X was born?
What year is on X's birth certificate?
What year of birth do the records give for X?
Under which year is X entered in the register of births?
What is the year in which X was born?
With what year does the story of X's life begin?
When X was born, what year was it?
What year did the calendar show when X was born?
According to the biography, in what year was X born?
Tell me when X was born.
Tell me the year of X's birth.
Tell me what year X was born.
Name the year in which X was born.
Name X's birth year.
Give the birth year of X.
Give me X's year of birth.
State the year when X came into the world.
State when X was born.
Do you know when X was born?
Do you know the year X was born in?
Can you tell me in which year X was born?
Could you give me the birth year of X?
Please say what year X was born.
I would like to know when X was born.
I wonder in what year X was born.
I need the year of birth of X.
I am looking for X's birth year.
X was born when?
X was born in what year?
X, born when?
X: year of birth?
X: in what year did life commence?
X birth year
X what year birth
Birth year of X
Year of birth: X
Year X was born
The year of X's birth is
The birth year of X was
X was born in the year
X came into the world in the year
The year in which X was born was
For five points, give the year in which X first opened their eyes.
For ten points and the lead: X arrived on this planet in what year?
Fingers on the buzzers: what year brought us X?
hey what year was X born do you know
whats X's birth year again
ok google what year was X born in
anyone remember the year X was born??
Applicant X, year of birth (four digits):
Surname and forenames: X. Born in the year (YYYY):
Entry for X; year of nativity:
Patient X, birth year as shown on file:
I am filling in a family tree and need the year that X was born.
Since we are carving the dates on a stone, we must know the year X was born.
As I am drawing a timeline, I need to know in which year to put X's birth.
Dear Sir or Madam, might you inform me of the year in which X was born?
I should be most grateful to learn in what year X entered this life.
Would you be so kind as to let me have the year of birth recorded for X?
Miss, what year did X get born?
Our teacher wants the year X was born in, just the number.
What year did X's mum have them?
In what year did the mother of X give birth to them?
Which four digits tell us when X was born?
What four-digit number follows 'born' in X's entry?
What number stands before the dash on X's gravestone?
Which year stands first in the brackets after the name of X?
If a coin had been struck in the year of X's birth, what date would it bear?
What vintage is X?
Which vintage would you call X, by year of birth?
From what year should we start counting X's age?
To work out how old X was, which year do I subtract?
I need to work out X's age; what year were they born?
Which year's calendar hung on the wall the day X was born?
Where on the timeline does X's life begin, in what year?
On a timeline, which year would have the cradle drawn for X?
In what year was the cradle of X rocked for the first time?
What year did the stork deliver X?
In which year did X utter a first cry?
The first cry of baby X was heard in what year?
What year was it that gave us X?
Which year gave X to the world?
X was born a long time ago, wasn't he, but in which year?
She can't be that old, X, can she? What year was she born?
X must have been born some year or other; which was it?
Everyone has a year of birth. What is the one for X?
The experts may quarrel, but in what year was X really born?
I always forget: what year was X born?
Remind me in what year X came along.
Help me out, I can't recall the birth year of X.
Kindly supply the year X was born.
Please enter the year of birth on record for X.
Write down the year when X started life.
Fill the gap: X was born in the year ____.
Complete the sentence: the year that X was born is
As a newborn, X lay in a cot in the year
The story of X opens in the year
The birth of X was registered in the year
It was the year of X's birth, namely
X opened their eyes to the world for the first time in the year
X's date of birth falls in the year
Year in which the mother of X gave birth to this child:
Find me the year X was brought into being.
Look up what year X was born, would you?
Just the year X was born, nothing else please.
Quick one: X's year of birth?
Trivia question: which year counts X among its newborns?
Next question, category dates: in which year was X delivered?
And now for the bonus: the birth of X fell in what year?
Can anybody in the class say in which year X was born?
Who knows the number of the year in which X was born?
Please, when is born X, what year?
In which year X was born, please?
I want know the year when X is born.
Do you know in what year did X was born?
What is year of birth for X?
I have the town already, so all I lack is the year X was born.
Never mind where; in what year was X born?
I don't need the day or the month, only the year X was born.
Leaving aside the day and month, when was X born?
Skip the exact date and tell me the year of X's arrival.
Whichever year it was that X was born in, please name it.
How far back in years do we go to find X's birth? Give the year.
In what year did X make an entrance on the world's stage?
In which year did X make a first appearance on this earth?
When did X make their debut as a human being?
In what year did the earthly journey of X start out?
Since what year had X been in this world?
When did the clock start ticking for X, in which year?
What year would be on X's silver christening spoon?
Which year's baby was X?
We are planning a centenary: in what year was X born?
To celebrate their birth centenary, we ask which year X was born.
X's passport gives which year of birth?
Which year does the identity card of X show under 'born'?
What does the parish register say about the year of X's birth?
Do we have any record of the year X's birth happened?
Is it known in which year X was born, and if so what is it?
I'd love to know which year X counts from as their first.
My gran swears she knew it: what year was X born?
I bet my friend a fiver on it, so what's the year of X's birth?
Settle an argument for us: which year was X born in?
X, what year were they born?
X - year they were born?
X's beginnings: which year saw them arrive?
X's life started in which year?
X's first breath was drawn in what year?
X first saw the sun rise in which year?
X came to light in what year?
X was brought into the world in which year?
Born in what year, X?
yr of birth for X
X was born during which calendar year?
In which calendar year did X's birth fall?
The year was what when X was born?
Which year was X born?
Can you put a year on the birth of X?
To which year does the birth of X belong?
What year should I write down for the birth of X?
Just the year, please: when was X born?
By our calendar, in which year was X born?
Around what year was X born?
X was born, but in which year?
Was X born before or after 1900, and in what year exactly?
How long ago was X born, in other words in which year?
How far back was X born, that is, in what year?
Was it in the nineteenth century that X was born, and in what year?
X: born, what year?
What was the year when X was born?
What is the year in X's date of birth?
What year does X's birth date fall in?
Which year forms part of X's date of birth?
What year goes with the day and month of X's birth?
The birth of X is dated to which year?
To what year do historians date X's birth?
X's birth date: which year?
What year did X arrive in the world?
In which year did the family celebrate X's arrival as a newborn?
X's arrival on this earth happened in which year?
In what year did baby X arrive?
When did X arrive on earth?
In what year did X begin life?
When did X start life?
What year was the start of X's life?
In what year did X's lifetime start?
With which year does the life of X start?
What year opens X's biography?
What is the earlier of the two years in X's life dates?
What is the first of the years given in brackets after X's name?
X's lifespan starts with which year?
From what year on was X alive?
Since what year has X been counted among the living?
What was X's first year on earth?
The life story of X opens in which year?
Of which year's generation was X?
What generation was X, that is, born in what year?
Which birth cohort, by year, is X part of?
What vintage is X, by year of birth?
Those born in the same year as X were born when?
X and others of the same age were born in which year?
In which year was X at age zero?
What year was it when X was zero years old?
Counting back from today, in which year did X enter the world?
From which year is X's age counted?
In what year do we begin counting the age of X?
In which year did X turn zero, so to speak?
X was among the newborns of which year?
What is the exact year, not just the decade, of X's birth?
I know the century, but what is the year of X's birth?
When did X enter the world?
What year did X come into this world?
In which year was X brought into the world?
What year saw X come into the world?
X saw the light of day in what year?
In which year did the world gain X?
What year gave us X?
Which year brought X into the world?
When did X first appear in the world?
In what year did X's mother give birth to the child?
When was X delivered?
In which year was X delivered by the midwife?
In what year was X a newborn baby?
In what year did X lie in the cradle, newly born?
When was the first cry of X heard?
What year did X take a first breath?
In which year was X an infant only hours old?
When did the mother of X bring her child into the world?
When was X's birth recorded?
Which year do X's documents give for birth?
The passport of X shows which year of birth?
What birth year would be cut on X's gravestone?
What year of birth is entered on X's identity card?
What year is found in the archives for the birth of X?
In the encyclopedia, which year follows the word 'born' under X?
When did the birth of X occur?
In which year did X's birth happen?
Under what year should X's birth be listed in a chronicle?
Where on a timeline of years does X's birth belong?
Which year is marked on the timeline for the birth of X?
When was the happy event of X's birth?
A hundredth birthday of X would be counted from which year?
From which year do we count the anniversaries of X's birth?
Any idea what year X was born?
Does anybody know when X was born?
I'd like to find out what year X was born in.
Please look up the year of X's birth.
Find X's year of birth.
Remind me when X was born, would you?
Let me know in which year X came into the world.
I can't recall the year in which X was born; what was it?
Help me fill in the year of birth for X.
I'm trying to learn when it was that X came into the world.
Show me the birth year of X.
X - born in what year?
X, birth: what year?
X, b. in which year?
Year born: X
X (year born?)
When born, X?
X, year of arrival in the world?
What year was it that X was born in?
Just when was it that X was born?
Was it long ago that X was born, and in what year?
X's year of birth was
X's life began in the year
X's birth took place in the year
The world first saw X in the year
The birth of X is recorded under the year
X entered this life in the year
The year of X's arrival in the world was
The birth certificate of X bears the year
Registered name: X. Year of birth:
Field 8, birth year, for X:
Subject: X. Born, year only:
Record of X, box marked 'year born':
Full name X, birth year
Index card: X. Came into the world in the year:
Passenger X, year of birth as declared:
Recruit X, born in which year:
Birth notice for X, year line:
Personal details of X, line three, year born:
Name of person: X. Year when born:
Biographical data, X, year in which life began:
Catalogue heading X; born (year):
Authority file, X, earliest year of life:
Civil register, newborn X, year of entry:
Pupil X, birth year, as told by the parents:
X birth year number
wiki X year of birth
X born which year
year X birth
what year X born
when X born
X birthdate year only
born year of X
X biography born year
year of X being born
X age year born
X first year of life
birth year X please
A midwife delivered X in the year
Life began for X in the year
X was welcomed into the world in the year
X saw daylight for the first time in the year
The calendar year that witnessed the birth of X was
Historians date the birth of X to the year
Biographers agree that X was born in the year
The mother of X gave birth in the year
The infant X uttered a first sound in the year
The parents of X rejoiced over their newborn in the year
X belongs to those who were born in the year
The age of X is reckoned from the year
X's lifetime ran from the year
On the birth record of X the year reads
The centenary of X's birth is counted from the year
I wonder which year X drew a first breath in.
It would help me to know when X was born.
Could anybody tell me what year X dates from?
I have been asked in which year X was born.
It escapes me in which year X was born.
I'd be glad of the year in which X was born.
We have been trying to establish when X was born.
I never learned what year X was born in.
Nobody here seems to know when X was born; do you?
I am not certain in which year X came into the world.
Might I trouble you for the birth year of X?
May I ask in what year X was born?
Perhaps you could enlighten me as to X's year of birth.
Would anyone mind telling me when X was born?
What I want to hear is the year X was born.
All I ask is the number of X's birth year.
One thing is missing from my notes: the year X was born.
Supply the year in which X was born.
Pinpoint the year of X's birth.
Date the birth of X to a year.
Indicate the year when X came into the world.
Mention the year that X was born in.
Point to the year on the calendar that is X's birth year.
Quote the year of birth listed under X.
Calculate nothing, simply tell us the year of X's birth.
List the birth year of X.
X, the person in question, was born in which year?
X, whose birth year I seek, was born when?
About X: when was this person born?
Concerning X, which year was it that witnessed the birth?
With X in mind, what year would you name as birth year?
As regards X, do we know the year of birth?
Speaking of X, when did this person enter the world?
And X, which year does that one date from?
When, pray, was X born?
When in history did X get born?
When, according to the sources, did X come into the world?
In what year, if any is recorded, was X born?
The year that X was born in has which four digits?
The year that began X's life is which?
Wasn't X born ages ago? When, then?
If X wasn't born in 1900, then when?
Not a single guide could tell us when X was born. Can you?
There is no mention of when X was born, or is there? What year?
Mummy, when was X a newborn baby?
Granddad, which year did X get born in?
oi when's X born then
so X was born like when exactly
mate, what year was X born in
do u know the year X was born
how far back was X born, which year i mean
Viewers keep writing in to ask: in what year was X born?
Our readers want a figure: in which year was X born?
For the profile we're printing, which year of birth do we give X?
Quizzers, pencils ready: the birth of X happened in which year?
Round two, question six: name the birth year of X.
Class, hands up: when was X born?
A reader at the desk needs the birth year of X. Which is it?
My ancestor may be X. In which year was the infant born?
For the pedigree chart, put down the year when X was born.
Which year do reference works print first for X, after the letter b?
Whose reign aside, in which year was X born?
To the nearest year, when was X born?
In terms of the calendar, when did X begin to exist?
In what year did X's parents become the parents of this child?
How many years after Christ was X born? Give the year.
At what point in the centuries, by year, was X born?
Which annual volume of the birth register contains X?
Which year does the chronology start X's life in?
What year was it on earth when X entered the scene as a baby?
Was X born in an odd or an even year, and which one?
"""

OCCUPATION = """
What was X's occupation?
What is X's occupation?
What is the occupation of X?
What was X's profession?
What was the profession of X?
What was X's job?
What job did X have?
What kind of job did X do?
Which job did X hold?
What did X do for a living?
What does X do for a living?
What was X, professionally speaking?
What did X do as a job?
How did X earn a living?
How did X make a living?
By what trade did X live?
What work did X do?
What kind of work does X do?
What did X work as?
As what did X work?
What line of work was X in?
In what line of work is X?
What was X's line of work?
What trade did X follow?
Which trade was X's?
What was X by trade?
What is X by profession?
What was X by occupation?
Which profession did X practise?
Which profession did X belong to?
What profession did X pursue?
What career did X have?
What career did X choose?
In what career did X make a name?
What was X's calling?
What was X's vocation?
What was X employed as?
As what was X employed?
In what capacity did X work?
What is X known professionally as?
Under which occupation would X be listed?
What profession is given in X's papers?
What was it that X did for a living?
Was X a painter, a footballer, or what?
Of what profession was X a member?
When X went to work, what was the job?
According to the biography, what was X's job?
Tell me what X did for a living.
Tell me X's profession.
Name the occupation of X.
Name X's job.
Name the trade by which X lived.
Give X's occupation.
Give the profession of X.
State the occupation of X.
State what X worked as.
Do you know what X's job was?
Do you know what X did for a living?
Can you tell me the profession of X?
Can you tell me what X worked as?
Could you say what line of work X was in?
Please tell me what X's occupation was.
I would like to know what X did for a living.
I wonder what X's profession was.
I am looking for the occupation of X.
X did what for a living?
X was what by profession?
X worked as what?
X: profession?
X: occupation?
X main occupation
X job
Occupation of X
Profession of X
Job of X?
The occupation of X was
X's profession is that of
X worked as
X made a living as
By profession X was
For five points, say what X did to pay the bills.
Starter for ten: by which trade did X put bread on the table?
Fingers on buzzers: X spent their working days as what?
hey what does X actually do, like for work
whats X's job again
what did X do?? job i mean
anyone know what X does for a crust
Applicant X, present occupation:
Surname and forenames: X. Trade or profession:
Entry for X; rank or calling:
Employee X, job title:
Census return, X, employed in the capacity of:
I am filling in a family tree and need to note what X worked as.
Since the form has a box for it, I must know the profession X followed.
As my homework is about X, I have to write down what job they did.
Dear Sir or Madam, might you inform me what profession X exercised?
I should be most grateful to learn what employment X was engaged in.
Would you be so kind as to let me know what X did by way of work?
Miss, what was X when they grew up?
Our teacher asked what job X used to do.
What did X grow up to be?
What did X end up becoming, careerwise?
What did X turn out to be by trade?
What would X's business card say under the name?
What job title belongs on the business card of X?
What might it say on the brass plate by X's door?
What hat did X wear at work, so to speak?
What kept X busy from nine to five?
What did X do all day long to earn money?
What filled the working hours of X?
How did X bring home the bacon?
How did X put food on the table?
By the sweat of what trade did X eat?
With what work did X earn their daily bread?
From what sort of work came X's wages?
What were X's wages paid for, what job?
What paid X's rent?
What was the source of X's livelihood?
What means of livelihood did X have?
Which guild or union would X have joined, that is, what trade?
It was as what that X earned a salary?
What was it X was paid to be?
X had a job, didn't he? What was it?
She worked as something, X, didn't she? As what?
X must have worked at something; what was it?
Everybody has to earn a crust. How did X?
People call them many things, but what was X by training and trade?
I always forget: is X an actor, a writer, or what?
Was X a singer, a chemist, a judge, or something else again?
Are we talking about a poet, a soldier, a banker? What was X?
Remind me what trade X was in.
Help me out, I can't recall what X's profession is.
Kindly supply the occupation of the said X.
Please enter the profession recorded for X.
Write down the job that X did.
Fill the gap: X earned money by working as a ____.
Complete this: X, who was a professional
Complete the sentence: the job X held was that of
On weekdays you would find X at work as a
In the census X is described as a
The trade X had learned was that of
X spent a whole working life as a
X's career was that of a
X took up employment as a
Find me the profession of this person called X.
Look up what X did for work, would you?
Just tell me X's job in a word or two.
Quick one: X's line of business?
Trivia question: which profession can list X among its members?
Next question, category careers: X did which job?
And now for the bonus: X made their money doing what job?
Can anybody in the class say what X worked as?
Who knows what kind of professional X was?
Please, what is work of X?
What X was working like, which profession?
I want know which job have X.
Do you know what did X worked as?
What is profession for X?
I know the name and the dates; now I need to know what X did for work.
Never mind the hobbies; what was X's actual job?
Not what they dreamed of, but what X did as work, please.
Once school was over, what career did X go in for?
When asked 'and what do you do?', what would X have answered?
If you met X at a party and asked about work, what would they say?
How would X have answered the question about profession on a form?
To which walk of life did X belong?
In what walk of life was X to be found?
As what was X active in the world of employment?
What vocation called X?
What craft did X ply?
Which trade did X ply?
What sort of professional was X?
What kind of worker was X?
Under what job heading does the dictionary file X?
How does the encyclopaedia describe X: as a what?
As what did the newspapers describe X by profession?
Who was X, professionally?
My gran swears she knew it: what was X by profession?
I bet my friend a fiver on it, so what job did X do for money?
Settle an argument for us: what was X's trade?
X, what did they do for work?
X - what was their trade?
X's working life was spent as what?
X's bread and butter was what job?
X earned a wage as what?
X was paid to do which job?
X is a what, by profession?
what is X, a doctor or a singer or what
profession held by X
career of X, in one word
What job was X in?
What was X's job title?
What was the day job of X?
What sort of job was X paid to do?
Which job took up X's working days?
What main job did X do in life?
What position did X hold in working life?
What professional role did X have?
What was X's role in the world of work?
What post did X fill by profession?
What was X's work?
As what did X spend a working life?
At what did X labour day after day?
What did X do at work?
What type of work brought in X's money?
What was the daily work of X?
What trade did X ply?
Which trade did X learn and live by?
What was X's craft?
Which craft did X practise?
In which trade was X engaged?
By craft or trade, what was X?
What trade was plied by X?
Of which guild or trade would X have been a member?
Which profession was X in?
Professionally, what was X?
What did X do professionally?
Into which profession did X go?
To what profession did X devote a lifetime?
What profession is X's name listed under?
What is the professional title of X?
What was X's career?
What career path did X follow?
In which career did X spend those working years?
What walk of life did X belong to?
Which career was X's own?
Down which professional path did X go?
What did X make a career as?
Which calling did X follow?
To which vocation did X feel called?
What metier was X's?
In what metier did X excel?
What vocation did X take up?
How did X earn the daily bread?
By doing what did X earn bread?
What was X's bread and butter?
What was X's livelihood?
How did X come by a livelihood?
What did X do to earn money?
How did X make money?
As what did X draw a salary?
What was X paid for being?
For what kind of work did X receive wages?
What was the source of X's income, by trade?
How did X pay the bills?
What did X do to put food on the table?
From what work did X live?
What was X's means of support?
How was X's living made?
In what was X employed?
What was X's employment?
What employment did X follow?
In what job was X employed for the most part?
What was X hired to do?
What line of business was X in?
What was X's line?
What business did X pursue for a living?
In what line did X make a living?
How was X occupied in working life?
With what occupation did X fill the working week?
Under what occupation does X appear in the census?
What occupation did X give on official forms?
What was X's chief occupation in life?
What occupation stood on X's business card?
What was the principal activity of X by profession?
What was X, a teacher, a singer, a soldier?
What did X become when he or she grew up?
What did X become by profession?
As what did X serve?
What function did X perform in society, by profession?
In which capacity was X active?
As what did X practise?
How would you describe what X did for work?
As what is X described in reference books, by trade?
What would X answer to the question of what they do?
What word describes X's occupation?
What would be written after the name X under 'occupation'?
If you had met X, what would they have said they did for a living?
Should X be called a lawyer, an actor, a poet or something else?
Any idea what X did for work?
Does anyone know what kind of job X had?
I'd like to find out what trade X was in.
Please look up the occupation of X.
Find out how X made a living.
Remind me what X's line of work is.
Let me know what X does professionally.
Describe in a word X's profession.
Identify X's occupation.
I am curious about the job X did.
Say what X was by trade.
Specify the vocation of X.
X: trade or craft?
X - line of work?
X, by profession?
Job title of X
Trade or craft of X?
X earned a living how?
X was employed as what?
Was it as a doctor, a writer or what that X worked?
It was as what that X made a living?
X, a what by trade?
X earned a living as a
By trade, X was a
X was employed as a
X's job was that of
The trade that X followed was that of
For a living, X worked as a
Registered name: X. Occupation:
Field 9, livelihood, for X:
Subject: X. Gainful employment as:
Record of X, box marked 'profession':
Full name X, trade
Index card: X. Earned a living as:
Passenger X, calling as declared:
Recruit X, civilian trade:
Tax return of X, source of earnings, job:
Personal details of X, line four, occupation:
Name of person: X. Name of the job:
Biographical data, X, professional activity:
Catalogue heading X; described by trade as:
Authority file, X, occupational term:
Witness X, how employed:
Directory entry: X, listed by vocation as
Householder X, manner of getting a living:
X job title career
wiki X occupation
occupation X what
X profession name
X works as what job
job X did
what job X
X employment
X career profession
X livelihood
type of work X did
X known by trade as
professional role X
X occupation please
X vocation
A wage was paid to X for working as a
Work, for X, meant being a
X was trained to be a
Clients and colleagues knew X as a professional
Those who list X by occupation put down
In the trade directory X appears as a
X practised the profession of
X chose to become a
X pursued the career of
X's calling in life was that of a
Bread was earned by X as a
X went through working life as a
When asked about work, X would reply: I am a
The livelihood of X came from being a
I wonder by what trade X got by.
It would help me to know X's occupation.
Could anybody tell me how X earned money?
I have been asked what X's job used to be.
It escapes me what X did for a livelihood.
I'd be glad to hear which trade X was engaged in.
We have been trying to establish what X's profession was.
I never learned what X did to earn a living.
Nobody here seems to know X's line of work; do you?
I am not certain what post or trade X had.
Might I trouble you for the occupation of X?
May I ask what X was by profession?
Perhaps you could enlighten me as to X's profession.
Would anyone mind telling me what X worked at?
What I want to hear is the job that X had.
All I ask is the name of X's trade.
One thing is missing from my notes: the profession of X.
Supply the word for what X was by occupation.
Pinpoint the trade X was in.
Indicate the employment of X.
Mention the job by which X lived.
Classify X by occupation.
Quote the occupation listed under X.
Put a job title to X.
List the profession of X.
X, the person in question, was engaged in which trade?
X, whose job I seek, was working as what?
About X: what did this person do for a living?
Concerning X, which profession was it?
With X in mind, what job would you name?
As regards X, do we know the occupation?
Speaking of X, how did this person make a living?
And X, what was that one by trade?
What, pray, was X's employment?
What in the way of work did X do?
What, according to the sources, was X's profession?
By what occupation, if any is recorded, did X live?
By which profession is X claimed as a member?
What sort of duties was X paid to perform, as a what?
The job that X held goes by what name?
The profession that X belonged to is called what?
Wasn't X an engineer or some such? What, exactly?
If X wasn't a doctor, then what job did they have?
Not a single guide could tell us X's profession. Can you?
There is no mention of X's job, or is there? What is it?
X can't have lived on air; what was the job?
Mummy, what did X do at work all day?
Granddad, what job did X go out to do?
oi what's X do for work then
so X was like a what, jobwise
mate, how did X make their dough
do u know the job X had
Viewers keep writing in to ask: what was X's profession?
Our readers want one word: what was X by occupation?
For the profile we're printing, as a what shall we introduce X?
Quizzers, pencils ready: the working life of X was that of a what?
Round two, question seven: name the profession of X.
Class, hands up: what was X's job?
A reader at the desk needs the occupation of X. Which is it?
My ancestor may be X. What trade did that person follow?
For the pedigree chart, put down how X made a living.
Which occupation do reference works print after the name of X?
Into what sort of employment did X enter?
What business occupied X, professionally?
With what tools of the trade, as a what, did X work?
Among members of which profession would you file X?
What did X's labours consist in, as a job?
What job advertisement would have suited X?
What did colleagues of X have as their shared profession?
What type of practitioner was X?
Which noun for a worker fits X: baker, judge, sculptor?
"""

NATIONALITY = """
What nationality was X?
What nationality is X?
What was X's nationality?
What is the nationality of X?
What was the nationality of X?
Which nationality did X have?
Of what nationality was X?
Which nationality does X hold?
By nationality, what was X?
What was X by nationality?
X was of which nationality?
What citizenship did X have?
What is X's citizenship?
Which citizenship was held by X?
What was the citizenship of X?
Which country was X a citizen of?
Of which country is X a citizen?
Which state was X a subject or citizen of?
X is a citizen of what country?
Which nation did X belong to?
To what nation did X belong?
What does X's passport say under nationality?
Which country was X a national of?
Of which nation was X a national?
A national of which country is X?
What passport did X hold?
Which country's passport did X carry?
What kind of passport does X have?
Which country issued X's passport?
What country did X belong to?
Which country can claim X as its own?
Which nation claims X as one of its own?
Which nation counts X among its people?
What country is X from?
From which country was X?
From which country did X come?
What country does X come from?
Which is X's country?
What was X's home country?
Would you call X British, German or something else?
Was X British, American, French or something else?
Was X French, German or what?
Is X described as British, American or something else?
Under which nationality is X listed?
According to the biography, what nationality was X?
Tell me what nationality X was.
Tell me X's nationality.
Tell me which country X was a citizen of.
Name the nationality of X.
Name X's country.
Name the nation to which X belonged.
Give X's nationality.
Give the citizenship of X.
State the nationality of X.
State which country X was a national of.
Do you know what nationality X was?
Do you know which country X belonged to?
Can you tell me the nationality of X?
Can you tell me what country X was from?
Could you say of which nation X was a citizen?
Please tell me X's citizenship.
I would like to know X's nationality.
I wonder what nationality X had.
I am looking for the nationality of X.
X had what nationality?
X was a citizen of which nation?
X: nationality?
X: citizen of?
X legal nationality
X citizenship
Nationality of X
Citizenship of X
The nationality of X was
X's nationality is
By nationality X was
In terms of nationality, X was
For five points, of what nationality was X?
Starter for ten: which nationality do we ascribe to X?
Fingers on buzzers: X, British, Dutch, Polish or what?
hey what nationality is X do you know
whats X, like french or american or what
is X german or swedish or what
anyone know X's nationality??
Applicant X, nationality:
Surname and forenames: X. Citizen of:
Entry for X; national status:
Traveller X, nationality as in passport:
I am filling in a visa form and need the nationality of X.
Since the form has a box for it, I must know which citizenship X has.
As my homework is about X, I have to write down what nationality they had.
Dear Sir or Madam, might you inform me of X's nationality?
I should be most grateful to learn of which country X was a citizen.
Would you be so kind as to let me know to which nation X belonged?
Miss, is X English or foreign, and if foreign then what?
Our teacher asked what nationality X used to be.
Which adjective of nationality goes with X?
What adjective do we put before the job when we describe X: Irish, Greek, what?
Is the word before X's job Italian, Russian, Japanese, or which?
Under which flag did X live as a citizen?
Which flag would you put next to X's name?
Which flag would fly over X's seat at a congress of nations?
What colours would X wear at the Olympics, which nation's?
Whose national anthem would be played for X?
Which country's passport did X show at the border?
What did X write under 'nationality' on the landing card?
What would a customs officer read under nationality in X's papers?
Which state gave X its papers?
Which country's subject was X?
To which crown or republic did X owe allegiance?
To what country did X owe allegiance as a citizen?
Which nation's citizens can call X a compatriot?
People of which nation were X's fellow countrymen?
X's compatriots are people of what nationality?
Which people may call X one of them?
Which land does X call 'my country'?
Which people was X one of, the Danes, the Swiss, the Spaniards?
What sort of national was X?
It is as a citizen of what country that X is listed?
What is it that X was: Austrian, Hungarian, Czech?
X was foreign, wasn't he? What nationality?
She is not from here, X, is she? What nationality does she have?
X must have had some citizenship; what was it?
Everyone belongs to some nation. To which did X?
Two countries lay claim, but what nationality was X really?
I always forget: is X Canadian, American, or what?
Was X a Scot, a Swede, an Indian, or of some other nation?
A Norwegian? A Turk? A Brazilian? What was X?
Remind me what nationality X has.
Help me out, I can't recall X's citizenship.
Kindly supply the nationality of the said X.
Please enter the citizenship recorded for X.
Write down which nationality X had.
Fill the gap: X was of ____ nationality.
Complete the sentence: X held the citizenship of
Complete this: as for nationality, X is
On paper, X's nationality was given as
In the passport of X the nationality reads
The nation that X belonged to is
The adjective for the nationality of X is
X, whose nationality was
X was a citizen of
X is a national of
X's citizenship was
Find me the nationality of this person called X.
Look up X's citizenship, would you?
Just tell me X's nationality in one word.
Quick one: X's country of citizenship?
Trivia question: which nation lists X among its citizens?
Next question, category nations: X held citizenship where?
And now for the bonus: X was a national of which land?
Can anybody in the class say what nationality X was?
Who knows which country X was a citizen of?
Please, from what nationality is X?
Which nationality have X?
I want know what is nationality of X.
Do you know what nationality did X had?
What is citizenship for X?
I know the trade and the dates; what about X's nationality?
Never mind the birthplace; what nationality was X?
Not where they lived, but what citizenship X had, please.
Wherever they were born, of what nationality was X?
Though they travelled widely, X remained a citizen of which country?
In terms of citizenship, what was X?
How would you describe X's nationality?
How is X's nationality given in the encyclopaedia?
As what nationality does the dictionary describe X?
Under which country's citizens does the catalogue file X?
Which nationality category does X fall into?
What national label is attached to X?
Which national label do historians give X?
Which nation is proud to call X its citizen?
What country lays claim to X as a citizen?
What was X's homeland?
My gran swears she knew it: what nationality was X?
I bet my friend a fiver on it, so what citizenship did X hold?
Settle an argument for us: is X Belgian, French, or what?
X, what nationality were they?
X - citizen of which country?
X's national identity was what?
X's papers said which nationality?
X belonged to what nation?
X counted as a citizen of what country?
X is what, Chinese, Korean, Japanese?
nationality held by X
what nation X citizen of
X country of citizenship
What nationality did X possess?
To which nationality did X belong?
What sort of nationality did X have: Greek, Danish, Turkish?
What nationality should be given for X?
How is the nationality of X described?
Which nationality was X considered to be?
By what nationality is X known?
The nationality held by X was what?
Under nationality, what would X write on a form?
X's nationality, what was it?
A citizen of what country was X?
What land was X a citizen of?
X was a citizen of where?
Which citizenship would X claim?
In which country did X have the rights of a citizen?
Which state recognised X as a citizen?
X held the citizenship of which state?
X and his or her fellow citizens belonged to which country?
What passport was X entitled to?
X owned a passport from which country?
Which country's name was on the cover of X's passport?
With which country's passport did X travel?
Which state gave X identity papers as a citizen?
At a border, what nationality would X declare?
Which country's embassy would look after X abroad?
To which country's consulate would X turn when abroad?
Under which flag did X live?
Which national flag was X's?
Under what country's flag would X have marched?
Which national anthem did X call his or her own?
Which nation's colours would X wear?
Which country did X represent?
For which nation would X compete?
Which flag should be put beside X's name?
Of which crown was X a subject?
A subject of which crown or state was X?
To which country did X owe allegiance?
X owed loyalty to what nation?
Whose crown or republic claimed X as subject or citizen?
Which government counted X among its nationals?
What nation was X a member of?
Which nation could call X its own son or daughter?
What was the nation of X?
X belonged to which nation?
What was X's national identity?
By nation, how is X classed?
Nationals of which state include X?
Who were X's people, as a nation?
To which people did X belong?
Of what people was X a member?
X's countrymen were of what nationality?
Who were the compatriots of X, the French, the Danes, or whom?
Which nation's people would call X one of us?
Which people can call X a fellow countryman or countrywoman?
Which country was X's?
Which land could X call home as a citizen?
What did X regard as the fatherland?
Which was the motherland of X?
What was X's country of citizenship?
What country is given as X's own?
Which state, kingdom or republic did X belong to?
What country was home to X as a national?
To what land did X belong by nationality?
Which country may be proud to count X as its national?
What adjective of nationality goes with X?
Was X an Italian, a Swede, a Pole or something else?
Would X count as Dutch, Spanish, Irish or what?
Is X American, Canadian, or of some other nationality?
What would one call X, an Austrian, a Russian, an Indian?
How do reference books describe X by nation?
With which national label is X presented?
Which word for nationality introduces X in the encyclopedia?
Under which country is X filed in lists of people?
In a list of people by nationality, where does X appear?
A national of what land was X?
Where did X hold citizenship?
Where did X belong, nationally speaking?
Which country claims X?
Which country regards X as one of its citizens?
As a citizen of where is X recognised?
Which country considered X a national?
In law, what nationality did X have?
Officially, of what country was X a national?
What was the legal nationality of X?
In which country's elections could X vote as a citizen?
Any idea what nationality X is?
Does anyone know which country X is a citizen of?
I'd like to find out what passport X carried.
Please look up the nationality of X.
Find out X's citizenship.
Remind me what nationality X had.
Let me know which nation X belonged to.
Identify X's nationality.
I'm not sure whether X was English, Scottish or what; which is it?
I am curious about the nationality of X.
Specify the country of which X was a citizen.
Say which country X belonged to.
Describe X by nationality in one word.
X - nationality, please?
X: which nation?
X: passport of which country?
X, of what nationality?
X, subject of which state?
Nation of X?
Country of citizenship: X
X: national of which country?
Was it a French or a British passport that X had, or which?
It was of what nation that X was a citizen?
Which country is it that counts X as its citizen?
X carried which passport?
X was a national of where?
As regards citizenship, X was
X held a passport that was
As to nationality, X is described as
The people to which X belonged were the
In the eyes of the law, X's nationality was
The national adjective used for X is
Registered name: X. Nationality:
Field 10, citizenship, for X:
Subject: X. National of:
Record of X, box marked 'nationality':
Full name X, citizen of which state
Index card: X. Nationality held:
Passenger X, nationality as declared:
Recruit X, country of allegiance:
Consular list, X, subject of:
Personal details of X, line five, citizenship:
Name of person: X. Name of their nation:
Biographical data, X, national affiliation:
Catalogue heading X; nationality term:
Authority file, X, country associated as citizen:
Border control, X, passport issued by which country:
Hotel guest X, nationality for the police form:
Delegate X, representing which nation:
X nationality adjective
wiki X nationality
nationality X what
X citizen of country
X passport country
X people nation which
which nationality X
what citizenship X
X national of
citizen of what state X
X is which nationality
X country nationality
nation X belongs to
X citizenship status country
X nationality quick answer
A passport was issued to X by
Nationality, in the case of X, means
X enjoyed the rights of a citizen of
Those who list X by nationality put down
The compatriots of X are the
Among the nations, X belonged to
Encyclopedias label X by nationality as
X swore allegiance as a citizen to
The embassy that would assist X abroad is that of
X's fellow citizens are the people of
The flag that X could call a citizen's own is that of
X was a subject of the crown or state of
When asked about nationality, X would reply: I am
The government that counted X among its citizens was that of
I wonder which nation could call X its own.
It would help me to know X's nationality.
Could anybody tell me what citizenship X held?
I have been asked what nationality X used to hold.
It escapes me what nationality X was.
I'd be glad to hear of which state X was a citizen.
We have been trying to establish what X's nationality was.
I never learned what nationality X had.
Nobody here seems to know X's citizenship; do you?
I am not certain to which nation X belonged.
Might I trouble you for the nationality of X?
May I ask of which country X was a citizen?
Perhaps you could enlighten me as to X's nationality.
Would anyone mind telling me which passport X carried?
What I want to hear is the nationality of X.
All I ask is the name of X's nation.
One thing is missing from my notes: the citizenship of X.
Supply the adjective of nationality that suits X.
Pinpoint the country X was a citizen of.
Indicate the nationality of X.
Mention the nation of which X was part.
Classify X by nationality.
Quote the nationality listed under X.
Put a flag to X, the one of their citizenship.
List the nationality of X.
X, the person in question, was of what nationality?
X, whose nationality I seek, was a citizen of what land?
About X: which nationality did this person have?
Concerning X, which citizenship was it?
With X in mind, what nationality would you name?
As regards X, do we know the nationality?
Speaking of X, of which nation was this person?
And X, what was that one by nationality?
What, pray, was X's nationality?
What in the way of citizenship did X have?
What, according to the sources, was X's nationality?
Of what nation, if any is recorded, was X a member?
By which nation is X claimed as a citizen?
Citizenship was granted to X by which state?
The nation that X belonged to goes by what name?
The people that X was a member of are called what?
Wasn't X Dutch or some such? What nationality, exactly?
If X wasn't English, then what nationality did they have?
Not a single guide could tell us X's nationality. Can you?
There is no mention of X's nationality, or is there? What is it?
X can't have been stateless; what citizenship was it?
Mummy, is X German or Spanish or what?
Granddad, which country was X a citizen of in the old days?
oi what's X, French or Polish or what
so X was like what nationality
mate, what passport has X got
do u know the nationality X had
Viewers keep writing in to ask: what nationality is X?
Our readers want one adjective: what was X by nationality?
For the profile we're printing, what nationality do we give X?
Quizzers, pencils ready: X was a citizen of which nation?
Round two, question eight: name the nationality of X.
Class, hands up: which nation was X a member of?
A reader at the desk needs the nationality of X. Which is it?
My ancestor may be X. What citizenship did that person hold?
For the pedigree chart, put down the nationality of X.
Which nationality do reference works print after the name of X?
To what body of citizens, the Swiss, the Finns or whom, did X belong?
Into which nation's census would X be counted as a citizen?
By which demonym is X described: Cuban, Welsh, Egyptian?
What national demonym fits X?
In whose national team would X have been allowed to play?
Which republic, empire or kingdom had X as a citizen?
Before which nation's consul would X claim protection?
From a legal standpoint, X was a citizen of which land?
Would X have been treated as a foreigner in France, and as what national?
What is the patriotic allegiance of X, to which nation?
"""

DEATH_PLACE = """
Where did X die?
In which place did X die?
In what city did X die?
Which town did X die in?
X died in which village?
In what city or country did X die?
Where on earth did X die?
Where exactly was it that X died?
At what place did X die?
What is the place of death of X?
What was X's place of death?
What was X's death place?
Which place is named as the place of X's death?
What is the name of the town where X died?
What is the name of the place in which X passed away?
Where did X pass away?
In which city did X pass away?
Where was X when death came?
Where was X at the moment of death?
In which town did death come to X?
Where did death find X?
Where did death overtake X?
Where did X meet death?
Where did X's death occur?
Where did the death of X take place?
Which place saw the death of X?
Which city saw X die?
Which town was the scene of X's death?
Where did X's life end?
In what city did the life of X come to an end?
Where did X's life come to its close?
Where did X draw a last breath?
In which city did X take a last breath?
Where did X expire?
Where did X depart this life?
From which place did X leave this world?
Where did X leave the world of the living?
Where did X's journey through life end?
Where did X spend the last hour of life?
Which town should I visit to see where X died?
Where do the records say X died?
According to the biography, where did X die?
Could you find out where X died?
Whereabouts did X die?
Where did X perish?
What is the place called where X died?
It was in which town that X died?
Was it in a city or a village that X died, and which one?
Tell me where X died.
Tell me X's place of death.
Tell me the city X died in.
Name the place where X died.
Name the town that saw X's death.
Give the place of death of X.
Give me the place where X passed away.
State where X died.
State X's place of death.
Do you know where X died?
Do you happen to know in which city X died?
Can you tell me where X passed away?
Could you say which place X died in?
Please tell me where the death of X occurred.
I would like to know where X died.
I wonder in which town X died.
I am looking for the place of X's death.
X died where?
X passed away where?
X, at what place did death strike?
X: place of death?
X: died in which place?
X place where death occurred
X death place
Place of death of X
Place of death: X
The place of X's death is
The town where X died is called
X died in the town of
X passed away in the city of
The place where X drew a last breath is
For five points, name the town in which X closed their eyes for the last time.
Starter for ten: in which city did X breathe their last?
Fingers on buzzers: X died in what city?
hey where did X die, what town was it
whereabouts did X pass, which city i mean
anyone know what town X died in??
where did X kick the bucket lol
The late X, place of decease:
Surname and forenames: X. Deceased at (town or city):
Entry for X; town where death occurred:
Estate of X, deceased, place of death:
I am filling in a family tree and need the town that X died in.
Since we are putting up a plaque at the spot, we must know where X died.
As my homework is about X, I have to write down the city of their death.
Dear Sir or Madam, might you inform me in which parish X died?
I should be most grateful to learn where X departed from this life.
Would you be so kind as to let me know the locality of X's decease?
Miss, where was X when they died?
Our teacher wants to know in what place X passed on.
Which town appears on X's death certificate?
What location is printed on the death certificate of X?
What spot on the map should I mark as the end of X's life?
If I stick a pin in a map for the death of X, where does it go?
In which city did X's deathbed stand?
Where was the deathbed of X?
Where did the Grim Reaper catch up with X?
In which town did the Grim Reaper knock at X's door?
Where did the curtain come down on X's life?
In what city did the final curtain fall for X?
Where did X give up the ghost?
Where did X shuffle off this mortal coil?
Where did the candle of X's life burn out?
In which town did X's heart stop beating?
The heart of X beat for the last time in what city?
Where did X see the last of the daylight?
In what place did X see a last sunset before dying?
Where did X fall asleep for ever?
Where was X's last hour spent?
In which place did the last hour strike for X?
In which town did X come to the end of the road?
At what place did the earthly journey of X finish?
Where did X's days end?
In what town did X end their days?
Where did X's story come to its final full stop?
Where did the last chapter of X's life play out, ending in death?
It is which city that saw X's last moments?
What town was it that X died in?
X died abroad, didn't he, but where?
She died far from home, X, didn't she? Where was it?
X must have died somewhere; where was it?
Everybody's life ends somewhere. Where did X's?
People argue about it, but in which town did X really die?
I always forget: what place did X die at?
Remind me which town X died in.
Help me out, I can't recall the town where X passed away.
Kindly supply the place of decease of X.
Please enter the place of death recorded for X.
Write down the city where X's life ended.
Fill the gap: X passed away in the town of ____.
Complete this: X, who died in the city of
Complete the sentence: the place where X passed away is
On the deathbed, X lay in the town of
The hospital where X died stood in the city of
The story of X closes with a death in the town of
The death of X was registered in the town of
X's final hour came in the city of
X closed their eyes for ever in the town of
X breathed a last breath in the city of
Find me the place where X's life was over.
Look up what town X died in, would you?
Just tell me the place X died, nothing else.
Quick one: X's town of death?
Trivia question: what place lists X among those who died there?
Next question, category geography: in which town did X's life run out?
And now for the bonus: the death of X happened in which municipality?
Can anybody in the class say in which place X died?
Who can point out on the map where X died?
Please, where is died X?
In which city X died, please?
I want know the place where X is dead.
Do you know where did X died?
What is town of death for X?
I have the date already, so all I lack is the place where X died.
Never mind when; where did X die?
Not where they are buried but where X died, please.
I know the birthplace; at the other end of life, where did X die?
Although the grave is elsewhere, in what town did X actually die?
Whichever town it was that X died in, please name it.
Of all the towns on earth, which was the one where X died?
Having lived in many places, X finally died in which?
Is it known in which town X died, and if so what's it called?
Do we have any record of where X's death happened?
What does the obituary say about where X died?
According to the obituary, X passed away in which city?
I'd love to know which city X died in.
My gran swears she knew it: what town did X die in?
I bet my friend a fiver on it, so where did X die?
Settle an argument for us: which city did X die in?
X, where did they die?
X - what town did they die in?
X's end: which town saw it?
X's life finished in which town?
X's last breath was drawn in what city?
X was carried off by death in what place?
X departed this world in which town or village?
X was in which town when the end came?
died in what city X
town where X died
city of death, X
location of X's death
In which parish did X die?
In what settlement did X die?
What municipality did X die in?
On which island or in which town did X die?
Which town or country did X die in?
Which city was it that X died in?
X is said to have died where?
In which capital, city or village did X die?
In which town, county or state did X die?
Where was X when he or she died?
Where did X go to die?
X died in a hospital in the city of
In what part of the world did X die?
Did X die at home or abroad, and in which town?
Where was it that X lay dying?
What town was the place where X's death occurred?
What location is recorded for the death of X?
At which spot on the map did X's death happen?
What was the site of X's death?
Which village was the scene of the death of X?
Where did death take X?
Where did death come for X?
Where did death catch up with X?
In which city was X struck down by death?
Where was X claimed by death?
Where was X at death?
What place is named on X's death certificate?
Where was X's death registered?
In what town's register is the death of X entered?
What town does the obituary of X give as the place of death?
In which city did a doctor pronounce X dead?
What does the encyclopedia list as X's place of death?
In which place did X pass on?
In which village did X pass away?
What was the place of X's passing?
Where did the passing of X occur?
X passed away in which town?
What town was X in when he or she passed away?
Which city saw the passing of X?
In what place did X perish?
In which town or country did X perish?
Where did X lose his or her life?
Where did X meet his or her end?
At what place did the end come to X?
Where was the life of X lost?
Where did fate overtake X?
Where did X breathe his or her last?
In which city did X breathe their last?
At what place was X's last breath drawn?
In what town did X give a final sigh and die?
Where was the final breath of X taken?
In which town was X's last breath heard?
Where did the life of X end?
In which place did X end life's journey?
Where did X's days come to an end?
Where did X end up dying?
Where did X finish life's course?
In which town was the final chapter of X's life closed?
Where did the curtain fall on the life of X?
Where did X reach the end of life?
At what place did the earthly life of X come to a close?
What place marks the end of X's life?
Where does the story of X's life close?
Where did X's earthly days end?
In which city was X's deathbed?
Where did X lie on the deathbed?
In what town stood the bed in which X died?
In a hospital of which city did X die?
Where was the hospital or home in which X passed away?
In which city did doctors fail to save X?
In which town did X expire?
Where did X's heart stop beating?
In what city did X close both eyes for ever?
Where did X fall asleep for the last time?
At what location did X expire?
Where did X spend the final hours?
In which city did X spend the last moments of life?
Where was X on the last day of life?
Where was X's last day on earth spent?
In which place did the final moments of X pass?
Where was X in the final minutes before death?
Where did X decease?
What was the place of X's decease?
Where did the demise of X take place?
In which town did X meet their demise?
Which city was the scene of X's demise?
X, now deceased, died where?
Where did X leave this life?
From what town did X depart this world?
In which city did X bid farewell to life?
Where did X part from this world?
Where did X go to meet the Maker?
Where did X make the final exit from this world?
Where did X succumb?
In what place was X called home by God?
Where was X when the end came?
In which town was X taken from us?
Where did the world lose X?
Which town was the last that X saw alive?
In which city does the house where X died stand?
To which town must one travel to see where X passed away?
Any idea where X died?
Does anyone know in which town X passed away?
I'd like to find out in which town X died.
Please look up the place of X's death.
Find the city where X died.
Remind me where it was that X passed away.
Let me know where X's life came to an end.
Identify the place where X breathed a last breath.
X - where did he or she die?
X: town of death?
City of death for X?
Death place, please: X
X: died in what town?
Deathplace of X
X's life ended in the town of
X's death occurred in the city of
X breathed a last breath in the village of
The place of X's passing was
Registered name: X. Place of death:
Field 11, town of death, for X:
Subject: X. Locality where deceased:
Record of X, box marked 'death place':
Full name X, town of decease
Index card: X. Departed this life at:
Passenger X, lost, place of death:
Soldier X, place where killed or died:
Death notice for X, place line:
Personal details of X, last line, place of death:
Name of deceased: X. Name of the town of death:
Biographical data, X, spot where life ended:
Catalogue heading X; died at:
Authority file, X, geographic name for place of death:
Civil register, deceased X, municipality:
Coroner's file, X, place of demise:
Probate, the late X, died in the town of:
X death city name
wiki X place of death
place of death X which city
X passed away city
X died town or village
place X died
where died X
city X died in
village of death X
map X death place
X biography final days death place
X death location town country
X demise where
last town of X where died
death place X please
where X passed on
A doctor closed the eyes of X in the town of
Life ended for X in the city of
X was overtaken by death in a place called
X left the world at a spot named
X perished in the town of
The locality that witnessed the death of X was
Historians place the death of X in the town of
Biographers agree that X died in a town called
The last heartbeat of X came in the city of
X drew a final breath in the city of
Death came to X in the town of
It was there that X died, in the little town of
X spent the very last night of life in the town of
Mourners gathered at the bed in which X died, in the city of
X met an end in the city of
I wonder which town X drew a last breath in.
It would help me to know where X died.
Could anybody tell me what place X died in?
I have been asked in which city X died.
It escapes me in which town X died.
I'd be glad of the name of the town in which X passed on.
We have been trying to establish where X died.
I never learned what town X died in.
Nobody here seems to know where X died; do you?
I am not certain in which district X departed this life.
Might I trouble you for the place of X's death?
May I ask in what locality X died?
Perhaps you could enlighten me as to X's place of death.
Would anyone mind telling me the town X died in?
What I want to hear is where X died.
All I ask is the name of the town of X's demise.
One thing is missing from my notes: the town X died in.
Supply the name of the town in which X passed away.
Pinpoint the place of X's death.
Locate X's death on the map for me.
Indicate the place where X departed this life.
Mention the town that X died in.
Point to the city in which X perished.
Quote the place of death listed under X.
Show me X's place of death.
List the place of death of X.
X, the person in question, died at which place?
X, whose place of death I seek, passed away in what town?
About X: where did this person die?
Concerning X, which place was it that witnessed the death?
With X in mind, what town would you name as place of death?
As regards X, do we know the place of death?
Speaking of X, where did this person pass away?
And X, in which town did that one die?
Where, pray, did X die?
Where in the world, I ask you, did X meet an end?
Where, according to the sources, did X depart this life?
In what town, if any is recorded, did X die?
By what town was X seen to die?
The town that X died in goes by what name?
The place that X departed this life from is called what?
Didn't X die somewhere abroad? Where, then?
If X didn't die in London or Paris, then where?
Not a single guide could tell us where X died. Can you?
There is no mention of where X died, or is there? What town?
Mummy, where did X go to heaven from, which town?
Granddad, which town did X die in?
oi where'd X die then
so X died like where exactly
mate, what town did X snuff it in
do u know the place X died
where did X croak, which city
Viewers keep writing in to ask: in what city did X die?
Our readers want a dateline: in which town did X pass away?
For the obituary we're printing, where should we say X died?
Quizzers, pencils ready: in which town did X pass on?
Round two, question nine: name the town X died in.
Class, hands up: in what town or country did X die?
A reader at the desk needs the place of death of X. Which is it?
My ancestor may be X. In which parish did that person die?
For the pedigree chart, put down where X died.
Which locality do reference works give for the death of X?
Which hospital town lost its patient X to death?
In what neck of the woods did X die?
In what territory or country did the death of X come about?
Which county, province or land did X die in?
On which continent and in which town did X die?
Did X die in the north, the south, or where?
In what surroundings did X die, that is, which town?
Where did mortality claim X?
"""

FIELD = """
What was X's field of study?
What did X study?
What did X major in?
According to the biography, what did X study?
What field did X study?
Which field did X work in?
What is the field of X?
What was X's subject?
Which subject did X study?
What subject did X take at university?
What was studied by X?
In what did X take a degree?
What was X's degree in?
In which subject did X get a degree?
In what discipline was X trained?
What was X's discipline?
What branch of learning did X take up?
To which branch of knowledge did X turn as a student?
What did X read at university?
What did X learn as a student?
What did X specialise in?
What was X's speciality?
What was X's main subject as a student?
In what subject was X educated?
In which field was X trained?
What were X's studies in?
What was the subject of X's studies?
In which field was X at home?
What was it that X studied?
Tell me what X studied.
Tell me X's field of study.
Name the subject that X studied.
Name X's field.
Give the field of study of X.
State which subject X studied.
Do you know what X studied?
Can you tell me which subject X was trained in?
Could you say what X's field was?
I would like to know what X studied.
I wonder which discipline X belonged to.
X studied what?
X was a student of what?
X: field of study?
X studied which field
Field of study of X
Subject studied by X
The field of X was
X studied the subject of
X was trained in the field of
For five points, name the subject X took at college.
Starter for ten: X sat in lectures on what subject?
Fingers on buzzers: in what science or art was X schooled?
hey what did X study at uni
whats X's degree in do you know
what was X's major in college?
Applicant X, subject of degree:
Student X, course of study:
Scholar X, discipline (one only):
I am filling in an alumni list and need the subject X read.
As my homework is about X, I have to write down what they studied.
Dear Sir or Madam, might you inform me which discipline X pursued?
Would you be so kind as to let me know X's area of study?
Miss, what lessons did X do at university?
Which faculty's lectures did X attend, that is, what subject?
What course was X enrolled on?
In what subject did X sit their finals?
What subject is named on X's diploma?
Over which kind of textbooks did X burn the midnight oil?
What did X have their nose in books about, as a student?
Which branch of scholarship was X's own?
What area of learning did X devote themselves to?
To the study of what did X give their youth?
In which garden of knowledge did X dig, so to speak?
Which discipline was X's academic home?
It was what subject that X studied?
X went to university, didn't he? To study what?
She was a student of something, X, wasn't she? Of what?
Was it law, physics, music, or what that X studied?
I always forget: did X read history, medicine, or something else?
Remind me what X was a student of.
Help me out, I can't recall X's academic discipline.
Kindly supply the field in which X was educated.
Write down the subject in which X qualified.
Fill the gap: X has a degree in ____.
Complete the sentence: at university X studied
As a student, X attended lectures in
X's academic subject was
X graduated in the subject of
Look up which area X specialised in, would you?
Quick one: X's academic field?
Can anybody in the class say which subject X learned at college?
Please, what is studied X?
Which subject X was studying, please?
Never mind the university; what did X study there?
In which academic area did X have expertise?
Settle an argument for us: what was X's degree subject?
X, what did they study?
X's scholarly training was in what?
area of study of X
What academic field did X belong to?
In what area did X do research?
What was X's area of study?
What domain of knowledge did X work in?
In which sphere of learning was X active?
What is the research field of X?
X was active in which academic field?
Which subject was X a specialist in?
What subject did X pursue at college?
On which subject did X lecture?
Which subject held X's attention as a scholar?
What was the chosen subject of X?
What academic discipline did X follow?
Which branch of science did X practise?
Of what science was X a student?
What scholarly discipline is X associated with?
In which branch of scholarship did X work?
What did X graduate in?
What was X's major?
In what subject did X hold a diploma?
What subject was X's doctorate in?
In which field did X write a thesis?
What was X academically qualified in?
In what did X earn a university degree?
What was X an expert in?
What was X's field of expertise?
On which branch of learning was X an authority?
What was X's academic specialism?
On what subject did X concentrate as a student?
For which course of study did X enrol?
In which faculty did X study?
In which university department did X study?
Lectures in which subject did X attend?
What was the course X took at university?
What was X's training in?
What is X's academic background?
In what was X schooled at university?
To the study of what did X devote such effort?
A scholar of what was X?
What studies did X pursue?
What was X's education in?
Any idea what X studied at university?
Find out what subject X took a degree in.
Please look up X's academic field.
Let me know what X majored in.
X: academic discipline?
X's college major?
X's degree was in
X was a scholar in the field of
The subject to which X turned as a student was
Registered name: X. Subject studied:
Field 12, discipline, for X:
Record of X, box marked 'course':
Index card: X. Studied the subject of:
Personal details of X, line six, academic subject:
Matriculation roll, X, reading for a degree in:
Authority file, X, field of learning:
Graduate X, subject named on the diploma:
Curriculum vitae of X, education, subject:
X degree subject
wiki X studied
what subject X studied
X major
X academic field
studies X university subject
X education subject
discipline X trained in
X research area
Lectures were given to X in the subject of
The science or art that X studied was
At college X chose to read
Those who list X by discipline put down
X took a diploma in
X devoted years of study to
The branch of learning that X pursued was
I wonder what X's scholarly subject was.
It would help me to know what X studied.
Could anybody tell me which discipline X took up?
I have been asked which subject X read at university.
It escapes me what X majored in.
We have been trying to establish what X's degree was in.
Nobody here seems to know what X studied; do you?
Might I trouble you for the field of study of X?
May I ask what X was a scholar of?
Perhaps you could enlighten me as to X's academic specialism.
All I ask is the name of X's subject.
Pinpoint the discipline of X.
Indicate the subject in which X graduated.
Classify X by branch of learning.
X, the person in question, studied which subject?
About X: what did this person study?
Concerning X, which academic discipline was it?
Speaking of X, in what subject was this person schooled?
What, pray, did X read as an undergraduate?
By what faculty, of law, of arts or of what, was X taught?
Wasn't X a student of chemistry or some such? Of what, exactly?
If X didn't study law, then what?
There is no mention of X's studies, or is there? What subject?
Mummy, what did X go to university to learn about?
oi what'd X do at uni then
so X studied like what
Our readers want one word: what did X study?
Round two, question ten: name the academic discipline of X.
Class, hands up: which subject did X study at college?
A reader at the desk needs the field of study of X. Which is it?
"""

KNOWN_FOR = """
What was X known for?
What is X known for?
What is X best known for?
What is X famous for?
What made X famous?
What made X's name?
For what is X known?
For what is X remembered?
What is X remembered for?
What do people remember X for?
Why is X remembered?
Why is X famous?
Why do we know the name of X?
Why do people know X?
What is X's claim to fame?
On what does X's fame rest?
What does the fame of X rest on?
To what does X owe such fame?
What brought X fame?
What earned X a reputation?
What is X's reputation based on?
What is X noted for?
What is X celebrated for?
What is X renowned for?
With what is the name of X linked?
What do we associate with X?
What is it that X is known for?
According to the biography, what is X known for?
What is most notable about X?
Tell me what X is known for.
Tell me why X is famous.
Name what X is best known for.
Name X's claim to fame.
Give the reason for X's fame.
State what X is remembered for.
Do you know what X is famous for?
Can you tell me what X is known for?
Could you say what made X well known?
I would like to know what X is remembered for.
I wonder why X is so well known.
X is known for what?
X is famous for what?
X: known for?
X most known for
X claim to fame
Reason for X's fame
X is best known for
X is remembered for
What X is known for is
For five points, what was X's great claim to glory?
Starter for ten: X won a place in history by doing what?
Fingers on buzzers: what put X on the map?
hey why is X famous anyway
whats X even known for
why does everybody know X
Entry for X; chief distinction:
Citation for X, honoured on account of:
Nominee X, principal achievement:
I am writing a school talk and need to say what X is known for.
Since we are putting up a plaque, we must know what made X notable.
Dear Sir or Madam, might you inform me for what X is esteemed?
Would you be so kind as to let me know what X achieved to become famous?
Miss, what did X do that was so special?
What did X do to get into the encyclopaedia?
How did X get into the history books?
What earned X a place in the history books?
What would it say on X's plaque after 'famous for'?
What is the first thing people think of when they hear the name X?
When folk hear of X, what comes to mind?
What feather in the cap did X have, above all others?
What was X's crowning achievement?
Which achievement keeps the memory of X alive?
What has kept X's name from being forgotten?
What lifted X out of obscurity?
What is X's chief title to renown?
It is for what that posterity honours X?
What was it that made a household name of X?
X is famous, isn't he? What for?
She is quite well known, X, isn't she? What is it for?
I have heard the name, but what is X noted for?
I always forget: what is the big thing X did?
Remind me what X got famous with.
Help me out, I can't recall why X matters.
Kindly supply the ground of X's celebrity.
Write down the thing that X is celebrated for.
Fill the gap: X is chiefly remembered for ____.
Complete the sentence: the world knows X for
The fame of X is due to
X made a name with
X went down in history for
Look up what X is renowned for, would you?
Quick one: X's greatest achievement?
Can anybody in the class say why X is well known?
Please, for what is famous X?
Why X is so famous person?
Never mind the private life; what is X publicly known for?
What contribution do we owe to X?
X, what are they famous for?
main achievement of X
What is X chiefly known for?
For which achievement is X known?
What is it that made X known to the public?
Through what did X become well known?
Why should anyone have heard of X?
What would I have heard of X for?
How did X become famous?
What is X famed for?
What was the cause of X's fame?
What lies behind the fame of X?
For what did X win fame?
What made a legend of X?
What is the legacy of X?
What did X leave to posterity?
For what did X go down in history?
Why does history remember X?
What keeps the memory of X alive?
For what does X have a place in history?
What was X's greatest achievement?
What is X's most famous accomplishment?
What feat made the name of X?
What great deed is credited to X?
What was X's main contribution?
What work made X well known?
What was X's greatest success?
What is X credited with?
For what is X honoured?
What brought X acclaim?
For what has X been praised most?
For what is X recognised?
What do people admire X for?
How did X come to distinction?
Why is X notable?
What makes X noteworthy?
Why is X important?
What is the significance of X?
Why does X deserve an entry in the encyclopedia?
What sets X apart?
How did X gain a reputation?
What is X's renown owed to?
With what is X most closely associated?
What put X in the public eye?
How did X rise to prominence?
Any idea what X is famous for?
Explain why X is so celebrated.
Please look up what made X famous.
X: main achievement?
X's fame is due to
X is most closely associated with
Registered name: X. Known for:
Field 13, claim to fame, for X:
Record of X, box marked 'notable for':
Index card: X. Remembered for:
Medal roll, X, deed for which honoured:
Authority file, X, reason for notability:
Hall of fame, X, inducted on account of:
Biographical data, X, principal merit:
X famous for
wiki X notable for
why X famous
what X known for
X achievements main
X best known work or deed
X fame reason
X legacy
X notability
what did X do to become known
Fame was brought to X by
Those who admire X do so for
History credits X with
The public came to know X through
The renown of X springs from
The legacy that X left behind is
What earned X lasting admiration was
I wonder what X won such acclaim for.
It would help me to know what X is famous for.
Could anybody tell me what X achieved that was so remarkable?
I have been asked what X is known for.
It escapes me what X was celebrated for.
We have been trying to establish why X is notable.
Nobody here seems to know why X is famous; do you?
Might I trouble you for X's chief claim to fame?
May I ask what X is renowned for?
Perhaps you could enlighten me as to the grounds of X's fame.
All I ask is the reason why X is remembered.
Pinpoint what X is famous for.
Indicate the achievement that made X famous.
Sum up in a phrase what X is known for.
X, the person in question, is famous for what?
About X: what is this person known for?
Concerning X, what was it that brought renown?
Speaking of X, why is this person so celebrated?
For what, pray, is X famous?
By what deed or work was X made famous?
By which accomplishment is X kept in memory?
Wasn't X famous for something or other? For what, exactly?
There must be a reason why X isn't forgotten; what is it?
Mummy, why does everyone talk about X?
oi what's X famous for then
so X is known for like what
Our readers want one line: what made X famous?
Round two, question eleven: for what is X celebrated?
Class, hands up: what do we remember X for?
A reader at the desk asks what X is noted for. What is it?
"""

# What no biography tells; many lines come close to a relation, and differ in the one that is
# asked about or in what is asked.
OTHER = """
What is X's favourite colour?
Who was X married to?
How tall was X?
What was the name of X's dog?
What did X like to eat for breakfast?
Which song did X hum in the bath?
How many cousins did X have?
What colour were X's eyes?
What colour was X's hair?
What size of shoe did X wear?
How much did X weigh?
Did X snore?
Who was X's best friend?
What did X fear most?
What was X's nickname at school?
Could X juggle?
Which football club did X support as a child?
What was X's favourite book?
Where did X spend the summer holidays?
Which country did X most want to visit?
What time did X get up in the morning?
At what hour of the day was X born?
On which day of the week was X born?
How heavy was X at birth?
What were X's last words?
Who sat at X's bedside at the moment of death?
What was X's passport number?
Why did X choose this occupation?
How much did X's studies cost?
Where did X lose an umbrella?
In which year did X first sit in an aeroplane?
In what place did X feel happiest?
How many cups of tea did X drink a day?
What was X's telephone number?
On which street did X live?
How much money did X earn?
Did X believe in ghosts?
What was X's star sign?
What did X keep in the top drawer?
Who taught X to ride a bicycle?
When did X learn to read?
In which year did X buy a first car?
When did X get married?
In what year was X's house built?
When was X's grandmother born?
Where was X's wife or husband born?
In which town was X's grandmother born?
Where did X's best friend die?
Where was X's horse buried?
Where did X learn to cook?
Where was X on New Year's Eve?
In which city did X fall in love?
In which shop did X buy hats?
What nationality was X's neighbour?
Which country did X's dentist come from?
What was the occupation of X's best friend?
What job did X dream of as a child?
What did X's cousin study?
What was X's worst subject at school?
What was X's cat known for?
How many languages did X speak?
Which language did X dream in?
What did X think of modern art?
Which newspaper did X read?
What was X's blood group?
How did X take coffee?
Which card games did X play?
How fast could X run?
What was X's shirt size?
Who cut X's hair?
How many letters did X write in a year?
Whom did X vote for?
What did X give the neighbours for Christmas?
Which flower did X like best?
What was X's favourite dish?
Did X ever see the sea?
Tell me the name of X's cat.
Tell me X's favourite season.
Name X's godfather.
Name the tune that X whistled at work.
Give X's postal address.
State the height of X.
Do you know what X's voice sounded like?
Can you tell me who X's landlord was?
I would like to know what X dreamt about.
I wonder what made X laugh.
X: favourite animal?
X shoe size
Height of X
The name of X's first teacher was
X's favourite composer was
X was afraid of
The colour of X's front door was
On which birthday did X get a bicycle?
For five points, on what weekday did X's tenth birthday fall?
Where were X's parents born?
Applicant X, father's place of birth:
Which town did X's mother come from?
Where did X get married?
Applicant X, place of marriage:
In which church was X baptised?
In what year was X confirmed in church?
In what year did X first need reading glasses?
Which year did X leave school?
When did X move out of the parental home?
What year did X first go to the dentist?
In what year was X's brother born?
What job did X's brother do?
What did the father of X do for a living?
What was the trade of X's grandfather?
What nationality was the wife or husband of X?
Of which country was X's landlady a citizen?
Where did X's father die?
In which town did X's sister pass away?
In which cemetery is X's aunt buried?
What did X's brother study at college?
Which subject did X hate the most at school?
What was X's uncle known for?
What was X least proud of?
Where did X go to primary school?
Which street was X's childhood home on?
Where did X spend their honeymoon?
Where did X buy groceries?
In which hotel did X like to stay?
Which town did X dislike the most?
Which foreign city did X dream of seeing one day?
Where did X keep the spare key?
What was X's second job on Saturdays?
What was the name of X's first employer?
How much did X get paid per week?
What was X's boss called?
Employee X, holiday entitlement in days:
Employee X, date of last promotion:
Applicant X, next of kin:
Applicant X, marital status:
Surname and forenames: X. Telephone (daytime):
Patient X, known allergies:
Patient X, height in centimetres:
Traveller X, passport expiry date:
hey does X have any kids
whats X's phone number
anyone know who X is dating??
how tall is X in feet
is X left handed or right handed
Miss, did X have a pet?
Our teacher asked whether X had any brothers or sisters.
Dear Sir or Madam, might you inform me of the present address of X?
Would you be so kind as to tell me who X's heirs are?
I am filling in a family tree and need the names of X's children.
I am filling in a family tree and need the maiden name of X's mother.
Since I am cooking for the guests, I must know if X eats meat.
As I want to knit a jumper, I need X's chest measurement.
Fingers on buzzers: what was the middle name of X's sister?
Starter for ten: which instrument did X fail to learn?
Trivia question: what did X sing at karaoke?
Remind me how X liked their eggs done.
Help me out, I can't recall the name of X's yacht.
Write down what X had for lunch on Sundays.
Look up how many stairs X's house had, would you?
Fill the gap: X's favourite pudding was ____.
Complete the sentence: at bedtime X always read
The thing X found hardest to forgive was
X's lucky number was
X's worst habit was
X never left the house without
Please, what is the email of X?
How old have X now?
What illness did X die of?
Who gave the speech at X's funeral?
What music was played when X was laid to rest?
What was the weather like on the day X was born?
Which midwife helped to deliver X?
How long did X's birth take?
Which passport photo did X dislike?
Did X ever apply for a change of nationality?
Why did X leave home?
Who paid for X's education?
Which teacher did X admire at university?
X smoked a pipe, didn't he? What tobacco?
She could swim, X, couldn't she? How far?
X, were they shy or outgoing?
X religious beliefs
favourite film of X
In which city did X go to primary school?
Where did X grow tomatoes?
In which hospital room was X's first child born?
Which town did X live in at the age of thirty?
To which country did X post a parcel?
Where did X own a house in the country?
Where was X's mother's family from?
Who was the midwife when X was born?
Who was present at the birth of X?
How many brothers did X have when he or she was born?
At what time of night was X born?
In which street was X's childhood home?
Where did X's surname originate?
When did X retire to bed?
In which year did X leave the chess club?
When was X's first child born?
In what year did X move house for the first time?
What year did X get a first haircut?
When did X's father die?
On what date did X celebrate a name day?
How old was X at the wedding?
How old was X's mother when she gave birth?
In what year did X begin work?
What year was X's divorce?
When did X meet his or her future spouse?
In which year did X's sister come into the world?
Who was invited to X's birthday parties?
When did X stop smoking?
What month did X usually take a holiday in?
What was X's first job as a child?
What was the occupation of X's father?
What did X's mother do for a living?
How much did X earn in a month?
Who was X's employer?
Where did X go to work each morning?
How many hours a week did X work?
Who was X's boss?
What did X do on days off work?
What hobby did X have?
What did X do for fun?
Did X enjoy going to work?
Which trade union did X join?
What did X do with a first pay packet?
Who trained X for the job?
Why did X change careers?
How long did X stay in the same job?
Whose passport photo did X keep in a wallet?
When did X's passport run out?
What was the nationality of X's wife or husband?
What religion did X belong to?
Which library did X belong to?
Which foreign countries did X visit?
How many passports did X own?
What was X's mother tongue?
What accent did X speak with?
What flag hung in X's garden?
From which country did X's best friend come?
What did X think of fellow countrymen?
Which book club was X a member of?
Where is X buried?
What was the cause of X's death?
Who found X dead?
How long was X ill before death?
Who inherited the house of X?
In which cemetery does X lie?
Who spoke at X's funeral?
What did X say on the deathbed?
Of what illness did X die?
What time of day did X pass away?
How many people mourned X at the graveside?
Where did X's only dog die?
Where were X's ashes scattered?
Who was at X's side in the final hours?
At which desk did X study?
Who was X's favourite professor?
What marks did X get at school?
How many years did X spend as a student?
Which book did X study before bed?
What was X's brother famous for?
What did X think about being famous?
By what pet name was X known to the grandchildren?
Who remembered X's birthday every year?
Where was X married?
How many children did X have?
What were the names of X's siblings?
Did X keep any pets?
How rich was X?
What was the height of X in centimetres?
What did X usually drink with dinner?
Which board game did X play at home?
What was X's hat size?
Name the spouse of X.
X: number of children?
Net worth of X
Tell me X's religion.
X's favourite hobby was
The name of X's eldest sister was
In which town was the father of X born?
What is the birthplace of X's father?
The birthplace of X's mother is
Where was the son of X born?
X's wife birthplace
Registered name: X. Place of residence:
Registered name: X. Maiden name:
Registered name: X. Number of dependants:
Field 7, date of marriage, for X:
Field 9, employer's address, for X:
Record of X, box marked 'distinguishing marks':
Index card: X. Date of last loan:
Passenger X, cabin number:
Recruit X, regimental number:
Subject: X. Colour of eyes:
Name of person: X. Name of next of kin:
Full name X, postcode
Full name X, initials of the witness
X wedding date
X year married
X wife name
X children names
X height weight
X siblings
X house address
wiki X spouse
X father occupation
X mother nationality
X brother death place
X dog breed
Which year did X marry?
X was married in the year
The year X's first child was born was
The wedding of X took place in the town of
Which year saw X emigrate?
In what year did X's mother die?
What year was X's son born?
Birth year of X's wife or husband
In which year was the daughter of X born?
What is X's brother's year of birth?
In what year did X learn to swim?
What was X's second job?
What job did X turn down?
Which profession did X's parents hope for?
The job X gave up for a quieter life was
Tell me the occupation of X's wife.
State the profession of the mother of X.
What did X's son do for a living?
The nationality of X's wife or husband was
Of which country was X's mother a citizen?
What nationality were the grandparents of X?
To which country did X refuse a visa?
In which country did X's brother settle?
Where did X's wife or husband die?
Tell me where the brother of X died.
The place where X's mother passed away was
Who signed X's death certificate?
Which relatives was X buried beside?
What did X's daughter study?
Which subject did X fail?
What was X's father famous for?
Name what X's wife is best known for.
I wonder what X's wife did for a living.
I wonder in which year X met a first love.
It would help me to know how tall X was.
Could anybody tell me whom X married?
I have been asked how many grandchildren X had.
It escapes me what X's mother was called.
Nobody here seems to know who X's heir was; do you?
Might I trouble you for the postal address of X?
May I ask how old X was at the birth of the eldest child?
Perhaps you could enlighten me as to X's shoe size.
We have been trying to establish whether X had any siblings.
Mummy, what toys did X play with?
Granddad, what car did X drive?
oi how tall's X then
so X was like how rich
mate, who was X married to
Our readers want one word: what was X's favourite dish?
Round two, question five: name the eldest child of X.
Class, hands up: who was the mother of X?
A reader at the desk needs the signature of X. Who has it?
For the pedigree chart, put down X's grandparents.
About X: what was this person's wage?
Speaking of X, who looked after this person in old age?
X, whose portrait I seek, was painted by whom?
By whom was X taught to read?
Wasn't X fond of horses or some such? Of what, exactly?
The pet that X kept was a
X was engaged to
X's godmother was called
The hospital bill of X came to
Which of X's ancestors was a citizen of another country?
"""

# Words that may stand before a question of any kind.
LEADS = """
Tell me:
Please tell me,
Could you say:
I wonder:
Hello!
A quick question:
Do you know:
Can you tell me:
I would like to know:
My teacher asks:
For ten points:
Say,
By the way,
Next question:
Excuse me,
Well,
Here is a question:
We need to find out:
Does anybody know:
Let me ask you:
Settle an argument:
For a quiz:
For my homework:
Just curious:
To be exact,
"""
