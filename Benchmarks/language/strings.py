# Strings: building, interpolation, splitting, joining, characters.
def numbered(count):
    text = ""
    for i in range(count):
        text += f"item {i}, "
    return text


def vowels(text):
    n = 0
    for c in text:
        if c == "e" or c == "a":
            n += 1
    return n


text = numbered(200000)
words = text.split(", ")
upper = [w.upper() for w in words]
joined = "-".join(upper)
print(len(text), len(words), len(joined), vowels(text), text[1000:1020], joined.find("ITEM 777-"))
