package pattern

// maxCompared is how many characters of a text are compared when an edit
// distance is wanted.
const maxCompared = 128

// distance returns how many characters have to be inserted, removed or replaced
// to make one text of another. It reports false if the texts are too long or the
// search for near misses has come to its end.
func (x *explainer) distance(a, b string) (int, bool) {
	if len(a) > maxCompared || len(b) > maxCompared || !x.spend((len(a)+1)*(len(b)+1)) {
		return 0, false
	}
	return editDistance([]rune(a), []rune(b)), true
}

// editDistance is Levenshtein's, one row of the table at a time.
func editDistance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		corner := row[0]
		row[0] = i + 1
		for j := range b {
			replace := corner
			if a[i] != b[j] {
				replace++
			}
			corner = row[j+1]
			row[j+1] = min(replace, row[j]+1, corner+1)
		}
	}
	return row[len(b)]
}
