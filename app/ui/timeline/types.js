/**
 * What travels between the server and the editor, and the few shapes that several modules share. Types only; nothing runs here.
 * Times ending in `Us` or `_us` are whole microseconds on the clip's clock.
 *
 * @typedef {{id: string, weight: number}} Weighted
 *
 * @typedef {object} Content  What one operation says: the whole of a judgement, without what the server adds.
 * @property {string} tier  `clip`, `face:1`, `voice:S1` or `both`
 * @property {number|null} start_us  null with `end_us`: the clip as a whole
 * @property {number|null} end_us
 * @property {Weighted[]} emotions
 * @property {number|null} intensity  1–4
 * @property {number|null} confidence  1–5
 * @property {number|null} genuineness  1–5
 * @property {number|null} valence  -1–1
 * @property {number|null} arousal  -1–1
 * @property {"label"|"none_of_these"|"cannot_judge"} outcome
 * @property {"human"|"accepted"|"corrected"|"model"|"import"} source
 * @property {string} note
 * @property {string|null} model
 * @property {number|null} model_score
 *
 * @typedef {Content & {id: string, revision: number, removed: boolean, rater: {id: number, name: string}, changed_at: string,
 *   analysis?: number|null, pending?: boolean}} Judgement  `analysis`: the one shown when it was said; `pending`: not yet durable
 *
 * @typedef {object} Operation
 * @property {string} op_id
 * @property {"put"|"remove"} kind
 * @property {string} judgement_id
 * @property {number|null} base_revision  the revision the author had before them; null: to be found out before sending
 * @property {Content|null} judgement
 * @property {object} context
 *
 * @typedef {object} Correction  of a clip's turns or cast
 * @property {string} op_id
 * @property {"turn"|"cast"} kind
 * @property {number} base_revision  of the lane, with those before it that wait counted in
 * @property {number|null} analysis
 * @property {import("./corrections/turns.js").Change} change
 * @property {string} said  what it does, in words
 * @property {number} next_id  the number that the lane would have given out next
 *
 * @typedef {{op_id: string, status: "applied"|"duplicate"|"conflict"|"rejected", revision: number|null,
 *   current: Judgement|null, reason: string|null}} Ack
 *
 * @typedef {{id: string, name: string, name_sv: string, family: string, definition: string, synonyms: string[], code: string}} Emotion
 * @typedef {{id: string, name: string, colour: {light: string, dark: string}, letter: string}} Family
 * @typedef {{name: string, version: string, emotions: Emotion[], families: Family[]}} SchemeData
 *
 * @typedef {object} Suggestion
 * @property {string} family
 * @property {number} score
 * @property {{id: string, score: number}[]} emotions  best first; empty where the best cannot be told from others
 * @property {string[][]} sets  emotions that the models cannot tell apart
 * @property {"fused"|"face"|"voice"} source
 * @property {string} model
 * @property {Record<string, number>} families
 * @property {number} uncertainty  0 certain – 1 as good as guessing
 * @property {number} margin  how far the family is ahead of the next, 0–1
 * @property {number} abstained  share of what the models say that says nothing about the scheme, 0–1
 *
 * @typedef {object} Clip
 * @property {number} id
 * @property {string|null} file_name
 * @property {number} duration_us
 * @property {number|null} width
 * @property {number|null} height
 * @property {number|null} frames
 * @property {number|null} fps
 * @property {boolean} has_video
 * @property {boolean} has_audio
 * @property {boolean} playable
 * @property {string[]} notes
 * @property {string|null} corpus
 * @property {string|null} actor
 * @property {{emotion: string, weight: number|null}[]} intended
 * @property {number|null} intended_intensity
 * @property {string|null} mode
 *
 * @typedef {{start_us: number, end_us: number, speaker: string|null, text: string|null, language: string|null, events: string[],
 *   tokens: {text: string, start_us: number, end_us: number}[]}} Utterance  a stretch of speech and what a model wrote down of it
 *
 * @typedef {object} Analysis
 * @property {number} id
 * @property {Record<string, {name: string, version: string, mean_recall?: number|null}>} models
 * @property {string[]} notes
 * @property {{subject: number, from_us: number, to_us: number}[]} faces
 * @property {Utterance[]} utterances
 * @property {[number, number][]} speech
 *
 * @typedef {{id: number, created_at: string, models: Record<string, {name: string, calibrated: boolean}>}} AnalysisInShort
 * @typedef {{start_us: number, end_us: number, first: string, first_score: number, second: string, second_score: number}} Parting
 *   a stretch in which two analyses speak for different families
 * @typedef {{source: string, both_us: number, agreed_us: number, only_first_us: number, only_second_us: number, overlap: number|null,
 *   partings: Parting[]}} SideBySide
 * @typedef {{first: AnalysisInShort, second: AnalysisInShort, sources: SideBySide[]}} Comparison
 *
 * @typedef {object} ClipDocument
 * @property {string} boot
 * @property {string} installation  tells the server's home folder from every other
 * @property {Clip} clip
 * @property {{name: string, blind: boolean}} project
 * @property {{id: number, name: string}} rater
 * @property {SchemeData} scheme
 * @property {Analysis|null} analysis
 * @property {Suggestion|null} suggestion
 * @property {Judgement[]} judgements
 * @property {import("./corrections/turns.js").TurnLane|null} [turns]  null where the clip is judged blind, as are the next two
 * @property {import("./corrections/cast.js").Cast|null} [cast]
 * @property {import("./corrections/cast.js").Offer[]} [speaking]
 * @property {number|null} next
 * @property {number|null} previous
 *
 * @typedef {{kind: "clip"} | {kind: "segment", id: string} | {kind: "draft", tier: string, startUs: number, endUs: number}} Target
 *   what the panel labels
 * @typedef {{id: string, before: Content|null, after: Content|null}} Change  null: not there
 */

export {};
