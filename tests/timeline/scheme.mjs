/** A scheme small enough to keep in one's head, with the traps of the real one. */
const emotion = (id, name, family, code, name_sv, synonyms = []) => ({ id, name, family, code, name_sv, synonyms, definition: "" });

export const SCHEME = {
  name: "small",
  version: "1",
  emotions: [
    emotion("amusement", "Amusement", "joy", "amu", "Nöje", ["mirth", "hilarity"]),
    emotion("happiness_joy", "Happiness / Joy", "joy", "hap", "Glädje", ["happy", "joy", "elation"]),
    emotion("positive_surprise", "Positive surprise", "surprise", "pos_sur", "Positiv förvåning", ["pleasant surprise", "amazement"]),
    emotion("negative_surprise", "Negative surprise", "surprise", "neg_sur", "Negativ förvåning", ["shock"]),
    emotion("confusion", "Confusion", "thinking", "conf", "Förvirring", ["puzzlement"]),
    emotion("anger", "Anger", "hostility", "ang", "Ilska", ["irritation", "rage"]),
    emotion("disgust", "Disgust", "hostility", "disg", "Äckel", ["revulsion"]),
    emotion("neutral", "Neutral", "neutral", "neu", "Neutral", ["no emotion"]),
    emotion("peacefulness_serenity", "Peacefulness / Serenity", "calm", "pea", "Lugn/Frid", ["calm", "calmness"]),
  ],
  families: ["joy", "surprise", "thinking", "hostility", "neutral", "calm"].map((id) => ({
    id,
    name: id,
    letter: id[0],
    colour: { light: "#000000", dark: "#ffffff" },
  })),
};

export const SUGGESTION = {
  family: "hostility",
  score: 0.5,
  emotions: [
    { id: "anger", score: 0.3 },
    { id: "disgust", score: 0.2 },
  ],
  sets: [],
  source: "fused",
  model: "face 1 + voice 1",
  families: { hostility: 0.5 },
  uncertainty: 0.6,
  margin: 0.06,
  abstained: 0.12,
};
