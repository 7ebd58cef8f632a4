package pattern

import (
	"cmp"
	"maps"
	"slices"
)

// predicate returns the predicate of a field that is wished for, and makes it if
// it is new.
func (w *writer) predicate(f *field, x wish) *predicate {
	hash := hashKey(w.seed, salt(f.id, x.op, x.size), []byte(x.text))
	if p := w.find(hash, f.id, x.op, x.size, []byte(x.text)); p != nil {
		return p.predicate
	}
	p := &predicate{
		text: x.text, hash: hash, id: w.freePreds.take(), field: f.id, size: x.size, op: x.op,
	}
	if x.test != nil {
		p.other = &otherwise{test: x.test}
	}
	w.maxPred = w.freePreds.next
	w.post(p, postings{}, true)
	if p.op == opOther {
		p.other.entry = w.predicate(f, w.entryWish(f, x.test))
	}
	if p.op.eager() {
		w.count(p, 1)
	}
	return p
}

// forget removes a predicate that nobody uses.
func (w *writer) forget(p *predicate) {
	w.post(p, postings{}, false)
	w.freePreds.give(p.id)
	if p.op.eager() {
		w.count(p, -1)
	}
}

// field returns the field of a path, and makes it if it is new.
func (w *writer) field(name fieldPath) *fieldUse {
	if use := w.fields[name]; use != nil {
		return use
	}
	use := &fieldUse{name: name, lookups: map[lookup]int{}}
	w.fields[name] = use
	id := w.freeFields.take()
	w.maxField = w.freeFields.next
	if int(id) == len(w.fieldByID) {
		w.fieldByID = append(w.fieldByID, use)
	} else {
		w.fieldByID[id] = use
	}
	w.show(use, &field{id: id, scope: name.scope, early: name.scope == Data && envelopeField(name.path) >= 0})
	return use
}

// dropField forgets a field without conditions.
func (w *writer) dropField(use *fieldUse) {
	w.freeFields.give(use.view.id)
	w.fieldByID[use.view.id] = nil
	delete(w.fields, use.name)
	w.show(use, nil)
}

// show puts a field, or that there is none any more, into the index.
func (w *writer) show(use *fieldUse, view *field) {
	use.view = view
	root := &w.roots[use.name.scope]
	*root = (*root).with(w.seed, use.name.path, view)
	if at := envelopeField(use.name.path); at >= 0 && use.name.scope == Data {
		w.envelope[at] = view
	}
}

// key returns the look-up that finds p, without what [writer.count] adds.
func (p *predicate) key() lookup {
	l := lookup{op: p.op, size: p.size}
	switch p.op {
	case opPrefix, opSuffix, opFoldPrefix, opFoldSuffix, opGram:
		l.long = uint32(len(p.text))
	}
	return l
}

// count notes that a predicate needs its look-up, or needs it no longer, and
// shows the field anew if that changes which look-ups there are.
func (w *writer) count(p *predicate, change int) {
	use := w.fieldByID[p.field]
	key := p.key()
	before := use.lookups[key]
	after := before + change
	if after == 0 {
		delete(use.lookups, key)
	} else {
		use.lookups[key] = after
	}
	added := before == 0 || p.op == opGram && change > 0
	if !added && after > 0 {
		return
	}
	view := *use.view
	view.lookups = nil
	for _, k := range slices.SortedFunc(maps.Keys(use.lookups), compareLookups) {
		l := k
		l.salt = salt(p.field, k.op, k.size)
		if k.op == opGram {
			l.grams = use.filter(k)
		}
		if k == key && p.op == opGram {
			grams := *l.grams
			grams.add(gramHash(gramNumber([]byte(p.text))))
			l.grams = &grams
		}
		view.lookups = append(view.lookups, l)
	}
	w.show(use, &view)
}

// filter returns the filter that a look-up for grams has so far.
func (u *fieldUse) filter(key lookup) *gramFilter {
	for _, l := range u.view.lookups {
		if l.op == key.op && l.long == key.long {
			return l.grams
		}
	}
	return &gramFilter{}
}

func compareLookups(a, b lookup) int {
	return cmp.Or(cmp.Compare(a.op, b.op), cmp.Compare(a.size, b.size), cmp.Compare(a.long, b.long))
}

// gramNumber tells grams of one length apart.
func gramNumber(gram []byte) uint32 {
	x := uint32(0)
	for _, c := range gram {
		x = x<<8 | uint32(c)
	}
	return x
}

// gramHash is a hash of a gram that is quick to compute at every position of a
// text.
func gramHash(number uint32) uint64 { return uint64(number*2654435761) >> 16 }
