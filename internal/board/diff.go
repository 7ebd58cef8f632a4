package board

import (
	"slices"

	"go.yaml.in/yaml/v4"
)

// Diff returns edits that make what to says of what from says, in the order of
// the file. Comments do not count. A renamed item is a removed and a new one.
func Diff(from, to *File) []Edit { return edits(differ{}.changes(from, to)) }

// DiffRenamed is Diff, but an item that is gone and is what another one was (the
// field was) is renamed.
func DiffRenamed(from, to *File) []Edit {
	renames := renamesBetween(from, to)
	made := from.clone()
	for i := range renames {
		_ = made.rename(&renames[i]) // the item is there, and the name is free
	}
	return append(renames, Diff(made, to)...)
}

// renamesBetween finds what was renamed.
func renamesBetween(from, to *File) []Edit {
	var all []Edit
	for i := range sections {
		s := &sections[i]
		if ruleNamed(s.fields, was.name) == nil {
			continue
		}
		old, made := byName(valueOf(from.root, s.name)), byName(valueOf(to.root, s.name))
		for _, e := range itemsOf(valueOf(to.root, s.name)) {
			former := valueOf(e.value, was.name)
			if former == nil {
				continue
			}
			for _, name := range formerNames(old, former.Value) {
				_, still := made[name]
				_, taken := old[e.key.Value]
				if !still && !taken && !slices.ContainsFunc(all, func(r Edit) bool { return r.Section == s.name && r.Key == name }) {
					all = append(all, Edit{Op: Rename, Section: s.name, Key: name, To: e.key.Value})
					break
				}
			}
		}
	}
	return all
}

// formerNames are the items that once had a name: the one that has it, and those
// that had it before they were renamed.
func formerNames(items map[string]entry, name string) []string {
	var all []string
	if _, ok := items[name]; ok {
		all = append(all, name)
	}
	for other, e := range items {
		if former := valueOf(e.value, was.name); former != nil && former.Value == name {
			all = append(all, other)
		}
	}
	slices.Sort(all[min(1, len(all)):])
	return all
}

// edits are the edits that make changes.
func edits(changes []Change) []Edit {
	filled := map[[2]string]bool{}  // items with fields
	removed := map[[2]string]bool{} // and items that go with all their fields
	for i := range changes {
		c := &changes[i]
		at := [2]string{c.Section, c.Key}
		filled[at] = filled[at] || c.Field != "" && c.After != nil
		removed[at] = removed[at] || c.isItem() && c.After == nil
	}
	var all []Edit
	for i := range changes {
		c := &changes[i]
		at := [2]string{c.Section, c.Key}
		switch {
		case c.isSection(), c.Field != "" && removed[at], c.isItem() && c.After != nil && filled[at]:
			continue
		}
		all = append(all, c.edit(c.After))
	}
	return all
}

// scalars are the rules that are no records.
func scalars(rules []rule) []rule {
	var all []rule
	for _, r := range rules {
		if r.kind != record {
			all = append(all, r)
		}
	}
	return all
}

// valueOf is the value of a key, or nil. n may be nil.
func valueOf(n *yaml.Node, key string) *yaml.Node {
	if n == nil {
		return nil
	}
	_, value := pairOf(n, key)
	return value
}

func itemsOf(n *yaml.Node) []entry {
	if n == nil {
		return nil
	}
	return entries(n)
}

// same reports whether two values say the same. Nil differs from all others.
func same(a, b *yaml.Node) bool {
	if a == nil || b == nil {
		return a == b
	}
	if isEmpty(a) && isEmpty(b) && a.Kind != yaml.SequenceNode && b.Kind != yaml.SequenceNode {
		return true // null and {}
	}
	if a.Kind != b.Kind || a.Kind == yaml.ScalarNode && (a.Tag != b.Tag || a.Value != b.Value) || len(a.Content) != len(b.Content) {
		return false
	}
	for i := range a.Content {
		if !same(a.Content[i], b.Content[i]) {
			return false
		}
	}
	return true
}
