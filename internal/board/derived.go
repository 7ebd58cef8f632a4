package board

// derived is what follows from a board and is asked for again and again. It is
// made once, when the file is read.
type derived struct {
	outcomes map[string][]string    // of a trigger: events, by name
	contexts map[string][]string    // of a thing, by name
	owners   map[[2]string][]string // of a thing in a context: services, by name
}

func derive(b *Board) *derived {
	d := &derived{outcomes: map[string][]string{}, contexts: map[string][]string{}, owners: map[[2]string][]string{}}
	for _, name := range Names(b.Events) {
		by := b.Events[name].By
		d.outcomes[by] = append(d.outcomes[by], name)
	}
	for _, name := range Names(b.Contexts) {
		for _, thing := range b.Contexts[name].Things {
			d.contexts[thing] = append(d.contexts[thing], name)
		}
	}
	for _, name := range Names(b.Services) {
		for _, thing := range b.Services[name].Owns {
			key := [2]string{thing, b.Services[name].In}
			d.owners[key] = append(d.owners[key], name)
		}
	}
	return d
}

// derive returns what follows from the board.
func (b *Board) derive() *derived {
	if b.derived == nil {
		return derive(b) // a board that was not read from a file
	}
	return b.derived
}
