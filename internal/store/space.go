package store

import "encoding/binary"

// Space is one kind of rows: those whose keys begin alike. A store knows its
// own; the packages above tell theirs to whoever looks at a whole store.
type Space struct {
	// Prefix is how the keys begin; '#' stands for any one byte of an id.
	Prefix string
	// Meta and Data say in which partitions such rows can be.
	Meta, Data bool
	// Versions are the first bytes of values that this program can read.
	Versions []byte
}

// ownSpaces are the rows of the store itself.
func ownSpaces() []Space {
	return []Space{
		{Prefix: stateKey, Meta: true, Data: true, Versions: []byte{stateVersion}},
		{Prefix: layoutKey, Meta: true, Versions: []byte{layoutVersion}},
		{Prefix: trimPrefix, Meta: true, Data: true, Versions: []byte{trimVersion}},
		{Prefix: lowPrefix, Meta: true, Data: true, Versions: []byte{lowVersion}},
		{Prefix: changePrefix, Meta: true, Data: true, Versions: []byte{changeVersion}},
		{Prefix: timerPrefix, Meta: true, Data: true, Versions: []byte{timerVersion}},
		{Prefix: timerIndex, Meta: true, Data: true, Versions: []byte{timerVersion}},
		{Prefix: blobPrefix, Meta: true, Data: true, Versions: []byte{blobVersion}},
		{Prefix: inlinePrefix, Meta: true, Versions: []byte{inlineVersion}},
		{Prefix: "id/", Meta: true, Versions: []byte{idVersion}},
		{Prefix: "once/", Meta: true, Data: true, Versions: []byte{onceVersion}},
	}
}

// spaces finds the space of a key.
type spaces []Space

// find returns the space with the longest prefix that fits k.
func (ss spaces) find(k []byte) (Space, bool) {
	best, found := Space{}, false
	for _, s := range ss {
		if fits(s.Prefix, k) && len(s.Prefix) > len(best.Prefix) {
			best, found = s, true
		}
	}
	return best, found
}

func partOf(k []byte) Part { return Part(binary.BigEndian.Uint16(k)) }
