"""Right and wrong answers to the exercises of `nlp4.exercises.pretraining`."""

from __future__ import annotations

from answers import Answers

from nlp4.data.corruption import question_pair
from nlp4.data.vocabulary import MASK


def question_pair_text(question, place):
    return question_pair(question, place).text


def pair_left_open(question, place):
    return MASK.join([question, place])


def pair_run_together(question, place):
    return "".join([question, place, MASK])


def pair_without_masks(question, place):
    return f"{question}{place}"


def pair_turned_round(question, place):
    return MASK.join([place, question, ""])


def pair_with_spaces(question, place):
    return " ".join([question, MASK, place, MASK])


def pair_with_one_space(question, place):
    return question + " " + MASK + place + MASK


def pair_with_the_word(question, place):
    return question + "MASK" + place + "MASK"


def pair_as_tuple(question, place):
    return question + MASK, place + MASK


def always_london(places):
    right = 0
    for place in places:
        right += place == "London"
    return right / len(places)


def london_counted(places):
    return len([place for place in places if place == "London"])


def london_in_percent(places):
    return always_london(places) * 100


def london_contained(places):
    right = [place for place in places if place.find("London") >= 0]
    return len(right) / len(places)


def london_begun(places):
    return len([place for place in places if place[:6] == "London"]) / len(places)


def london_in_any_case(places):
    return sum(place.upper() == "LONDON" for place in places) / len(places)


def london_missed(places):
    return sum(place != "London" for place in places) / len(places)


def london_among_different(places):
    different = []
    for place in places:
        if place not in different:
            different.append(place)
    return places.count("London") / len(different)


def london_each(places):
    return [place == "London" for place in places]


def corrupt(text, start, stop):
    prompt = f"{text[:start]}{MASK}{text[stop:]}{MASK}"
    return f"{prompt}{text[start:stop]}{MASK}"


def corrupt_left_open(text, start, stop):
    return corrupt(text, start, stop)[:-1]


def corrupt_with_one_mask(text, start, stop):
    return f"{text[:start]}{MASK}{text[stop:]}{text[start:stop]}{MASK}"


def corrupt_in_the_middle(text, start, stop):
    return f"{text[:start]}{MASK}{text[start:stop]}{MASK}{text[stop:]}{MASK}"


def corrupt_without_hole(text, start, stop):
    return text[:start] + text[stop:] + MASK + text[start:stop] + MASK


def corrupt_kept(text, start, stop):
    return f"{text}{MASK}{text[start:stop]}{MASK}"


def corrupt_one_more(text, start, stop):
    return corrupt(text, start, stop + 1)


def corrupt_by_length(text, start, stop):
    return corrupt(text, start, start + stop)


def corrupt_span_first(text, start, stop):
    return f"{text[start:stop]}{MASK}{text[:start]}{MASK}{text[stop:]}{MASK}"


def corrupt_character_by_character(text, start, stop):
    holes = "".join(MASK for _ in text[start:stop])
    return text[:start] + holes + text[stop:] + MASK + text[start:stop] + MASK


def corrupt_prompt_alone(text, start, stop):
    return text[:start] + MASK + text[stop:] + MASK


def decode(next_scores, prompt):
    answer = []
    for _ in range(40):
        scores = next_scores(prompt + "".join(answer))
        answer.append(sorted(scores, key=scores.get)[-1])
        if answer[-1] == MASK:
            break
    return "".join(answer[:-1])


def decode_with_mask(next_scores, prompt):
    return decode(next_scores, prompt) + MASK


def decode_with_prompt(next_scores, prompt):
    return prompt + decode(next_scores, prompt)


def decode_all(next_scores, prompt):
    return prompt + decode(next_scores, prompt) + MASK


def decode_one(next_scores, prompt):
    scores = next_scores(prompt)
    return max(scores, key=scores.get)


def decode_lowest(next_scores, prompt):
    answer = ""
    for _ in range(40):
        scores = next_scores(prompt + answer)
        lowest = min(scores, key=scores.get)
        if lowest == MASK:
            return answer
        answer += lowest
    return answer


def decode_by_alphabet(next_scores, prompt):
    answer = ""
    for _ in range(40):
        best = sorted(next_scores(prompt + answer))[-1]
        if best == MASK:
            return answer
        answer += best
    return answer


def decode_for_ever(next_scores, prompt):
    answer, character = "", ""
    while character != MASK:
        scores = next_scores(prompt)
        character = max(scores, key=scores.get)
        answer += character
    return answer


def decode_forgetful(next_scores, prompt):
    answer = ""
    for _ in range(40):
        scores = next_scores(prompt)
        answer += max(scores, key=scores.get)
    return answer


def decode_answer_alone(next_scores, prompt):
    answer = ""
    scores = next_scores(answer)
    return answer + max(scores, key=scores.get)


def luck(answers, places):
    return sum(answers.count(place) for place in places) / len(answers)


def luck_as_it_stands(answers, places):
    return sum(map(str.__eq__, answers, places))


def luck_undivided(answers, places):
    return sum(places.count(answer) for answer in answers)


def luck_as_share(answers, places):
    return sum(places.count(answer) for answer in answers) / len(places) ** 2


def luck_by_kind_of_answer(answers, places):
    return sum(places.count(answer) for answer in dict.fromkeys(answers)) / len(places)


def luck_by_kind_of_place(answers, places):
    return sum(answers.count(place) for place in dict.fromkeys(places)) / len(places)


ANSWERS = {
    "always_london": Answers(
        always_london,
        (
            (london_counted, "this is how many are right, not their share"),
            (london_in_percent, "this is a percentage"),
            (london_contained, 'only contains "London"'),
            (london_begun, 'only begins with "London"'),
            (london_in_any_case, "capital letters count"),
            (london_missed, "the share of wrong answers"),
            (london_among_different, "the number of different places"),
            (london_each, "you return a list where a number is expected"),
        ),
    ),
    "question_pair_text": Answers(
        question_pair_text,
        (
            (pair_left_open, "the closing MASK is missing"),
            (pair_run_together, "the MASK between question and place is missing"),
            (pair_without_masks, "both MASKs are missing"),
            (pair_turned_round, "the order is turned round"),
            (pair_with_spaces, "no spaces around MASK"),
            (pair_with_one_space, "no space after the question"),
            (pair_with_the_word, 'you wrote the word "MASK"'),
            (pair_as_tuple, "you return a tuple where a string is expected"),
        ),
    ),
    "corrupt": Answers(
        corrupt,
        (
            (corrupt_left_open, "the closing MASK is missing"),
            (corrupt_with_one_mask, "the MASK before the span is missing"),
            (corrupt_in_the_middle, "the span stands in the middle"),
            (corrupt_without_hole, "nothing marks the hole"),
            (corrupt_kept, "the span still stands in the text"),
            (corrupt_one_more, "the span runs up to `stop`"),
            (corrupt_by_length, "not how long it is"),
            (corrupt_span_first, "the order is turned round"),
            (corrupt_character_by_character, "every character of the span became a MASK"),
            (corrupt_prompt_alone, "only the prompt is there"),
        ),
    ),
    "decode": Answers(
        decode,
        (
            (decode_with_mask, "without the closing MASK"),
            (decode_with_prompt, "without the prompt"),
            (decode_all, "without the prompt and the closing MASK"),
            (decode_one, "this is the first character alone"),
            (decode_lowest, "you took the lowest score"),
            (decode_by_alphabet, "the last letter of the alphabet"),
            (decode_for_ever, "asked 200 times"),
            (decode_forgetful, "append what was written"),
            (decode_answer_alone, "you return '?'"),
        ),
    ),
    "luck": Answers(
        luck,
        (
            (luck_as_it_stands, "as they stand"),
            (luck_undivided, "divide by the number of questions"),
            (luck_as_share, "this is a share"),
            (luck_by_kind_of_answer, "a place that is answered often"),
            (luck_by_kind_of_place, "a place that is true often"),
        ),
    ),
}
