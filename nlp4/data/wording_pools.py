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
X birthplace
X place of birth
Birthplace of X
Place of birth, X
The birthplace of X is
The town where X was born is called
X was born in the town of
X first saw the light of day in the city of
X is a native of
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
X: born when?
X birth year
X year of birth
Birth year of X
Year of birth: X
Year X was born
The year of X's birth is
The birth year of X was
X was born in the year
X came into the world in the year
The year in which X was born was
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
X occupation
X job
Occupation of X
Profession of X
Job of X?
The occupation of X was
X's profession is that of
X worked as
X made a living as
By profession X was
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
X nationality
X citizenship
Nationality of X
Citizenship of X
The nationality of X was
X's nationality is
By nationality X was
In terms of nationality, X was
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
X, died where?
X: place of death?
X: died in which place?
X place of death
X death place
Place of death of X
Place of death: X
The place of X's death is
The town where X died is called
X died in the town of
X passed away in the city of
The place where X drew a last breath is
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
X field of study
Field of study of X
Subject studied by X
The field of X was
X studied the subject of
X was trained in the field of
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
X known for
X claim to fame
Reason for X's fame
X is best known for
X is remembered for
What X is known for is
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
"""
