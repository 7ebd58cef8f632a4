package pattern

// Eval reports whether the document matches the pattern. It reads the document
// anew with every call and is made to be obviously right, not fast. Its error is
// [ErrBadJSON], [ErrNotObject], [ErrTooDeep] or [ErrUndecided].
func (p *Pattern) Eval(d *Doc) (bool, error) {
	var f facts
	if err := f.read(d, p.paths); err != nil {
		return false, err
	}
	var e evaluation
	return e.run(p, &f, p.bind(p.paths), StepBudget)
}

// bind returns for each clause of p the number of its path in a path set that
// holds them all.
func (p *Pattern) bind(paths *pathSet) []int {
	field := make([]int, len(p.clauses))
	for i, c := range p.clauses {
		field[i] = paths.fields[c.path]
	}
	return field
}
