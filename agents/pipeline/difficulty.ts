/**
 * How hard a question looks before anybody has read it, as a grade: the fewer words, the easier. Part of the model: calibration counts the
 * same grades.
 * @param words - [G-1], falling: most words of grade 1, 2, ...
 */
export function entryGradeOf(question: string, words: readonly number[]): number {
  const count = question.split(/\s+/).filter((word) => word !== '').length
  let grade = 0
  while (grade < words.length && count <= words[grade]!) grade++
  return grade
}
