/** Stands in every error of this package. */
export const vendor = 'eagleeye'
