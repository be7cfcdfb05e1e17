/** Weights of a blend: shares in whole hundredths that add up to 1. */

/** @typedef {import("./types.js").Weighted} Weighted */

/** One emotion alone. @param {string} id @returns {Weighted[]} */
export const alone = (id) => [{ id, weight: 1 }];

/**
 * Adds an emotion at an equal share; the others keep their proportions. Adding one that is there takes it away.
 * @param {Weighted[]} emotions
 * @param {string} id
 * @returns {Weighted[]}
 */
export function toggle(emotions, id) {
  if (emotions.some((emotion) => emotion.id === id)) return without(emotions, id);
  const share = 1 / (emotions.length + 1);
  return even([...emotions.map((e) => ({ id: e.id, weight: e.weight * (1 - share) })), { id, weight: share }]);
}

/** @param {Weighted[]} emotions @param {string} id */
export function without(emotions, id) {
  return even(emotions.filter((emotion) => emotion.id !== id));
}

/**
 * Gives one emotion a share; the rest is divided among the others in proportion.
 * @param {Weighted[]} emotions
 * @param {string} id
 * @param {number} weight
 */
export function weigh(emotions, id, weight) {
  if (emotions.length < 2) return emotions;
  const share = Math.min(Math.max(weight, 0.05), 1 - 0.05 * (emotions.length - 1));
  const others = emotions.reduce((sum, e) => (e.id === id ? sum : sum + e.weight), 0);
  return even(emotions.map((e) => ({ id: e.id, weight: e.id === id ? share : (e.weight / others) * (1 - share) })));
}

/** Rounds where the shares end rather than each by itself, so that nothing is lost. @param {Weighted[]} emotions @returns {Weighted[]} */
function even(emotions) {
  const total = emotions.reduce((sum, e) => sum + e.weight, 0);
  let [exact, given] = [0, 0];
  return emotions.map(({ id, weight }) => {
    exact += (weight / total) * 100;
    const share = Math.round(exact) - given;
    given += share;
    return { id, weight: share / 100 };
  });
}
