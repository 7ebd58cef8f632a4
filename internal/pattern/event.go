package pattern

import "net/netip"

// Envelope holds the fields of a Classic event that a publish call already has
// in hand, so that they need not be read from JSON again. An empty ReplayName
// means that the event has none; the other fields are always present.
type Envelope struct {
	Version, ID, Source, DetailType, Account, Region, Time, ReplayName string
	Resources                                                          []string
}

// KV is a field of a document that is a flat list of strings.
type KV struct{ K, V string }

// Doc is one event as patterns see it. With Env set, Data is the value of
// "detail"; without, Data is the whole event. Data must not be modified during
// a call that is given the Doc.
//
// [Pattern.Eval] looks at Env and Data only. A [Matcher] knows filters for the
// other documents too.
type Doc struct {
	Env      *Envelope
	Data     []byte
	Metadata []KV
	System   []KV

	// Opaque says that the data of the event are not JSON. Data is then not
	// looked at, and no filter of the scope [Data] matches.
	Opaque bool
	// Checked says that Data is known to be what Match would accept. It is then
	// not read at all if the envelope tells already what matches.
	Checked bool
}

type valueKind uint8

const (
	kindString valueKind = iota + 1
	kindNumber
	kindTrue
	kindFalse
	kindNull
)

// value is one leaf of an event.
type value struct {
	kind    valueKind
	element int32  // innermost element of an array around it, -1 if none
	text    []byte // of a string, unescaped; of a number, as written

	// What number and address have found, so that they work once per value.
	knows knowledge
	float float64
	addr  netip.Addr
}

type knowledge uint8

const (
	numberKnown knowledge = 1 << iota
	numberUsable
	addressKnown
	addressUsable
)

// number returns the value of a comparable number.
func (v *value) number() (float64, bool) {
	if v.kind != kindNumber {
		return 0, false
	}
	if v.knows&numberKnown == 0 {
		v.knows |= numberKnown
		if f, ok := comparable(string(v.text)); ok {
			v.float = f
			v.knows |= numberUsable
		}
	}
	return v.float, v.knows&numberUsable != 0
}

// address returns the address that a string spells.
func (v *value) address() (netip.Addr, bool) {
	if v.kind != kindString {
		return netip.Addr{}, false
	}
	if v.knows&addressKnown == 0 {
		v.knows |= addressKnown
		if a, ok := parseAddress(string(v.text)); ok {
			v.addr = a
			v.knows |= addressUsable
		}
	}
	return v.addr, v.knows&addressUsable != 0
}

// element is one element of one array in the event. Elements of objects and of
// arrays are what two clauses must agree on; scalars directly in an array need
// no agreement and have no element.
type element struct {
	parent int32 // innermost element around the array, -1 if none
	array  int32 // number of the array
	index  int32
}

// facts is an event in the form that patterns are evaluated on: for every path
// that somebody reads, the values there, in the order of the text.
type facts struct {
	fields   [][]value // by number in the path set
	elements []element
	arrays   [][]byte // the path at which each array stands
	places   map[string][]byte
	text     []byte // memory of texts that are not parts of the document
	path     []byte // memory for the scanner
}

// clear empties f for an event that is read for n paths. It keeps memory.
func (f *facts) clear(n int) {
	for i := range f.fields {
		f.fields[i] = f.fields[i][:0]
	}
	for len(f.fields) < n {
		f.fields = append(f.fields, nil)
	}
	f.elements = f.elements[:0]
	f.arrays = f.arrays[:0]
	f.text = f.text[:0]
	clear(f.places)
}

// keep copies text to where it stays until clear.
func (f *facts) keep(text string) []byte {
	from := len(f.text)
	f.text = append(f.text, text...)
	return f.text[from:len(f.text):len(f.text)]
}

// place returns what stays of a path at which an array stands. A hundred thousand
// arrays may have one path that is long.
func (f *facts) place(path []byte) []byte {
	if known, ok := f.places[string(path)]; ok {
		return known
	}
	if f.places == nil {
		f.places = map[string][]byte{}
	}
	text := string(path)
	f.places[text] = f.keep(text)
	return f.places[text]
}

// pathSet is a set of dotted paths that are numbered in the order in which they
// were added. Readers may share it as long as nobody adds.
type pathSet struct {
	fields map[string]int      // path to number
	inner  map[string]struct{} // every proper beginning of a path that ends before a dot
}

func newPathSet() *pathSet {
	return &pathSet{fields: map[string]int{}, inner: map[string]struct{}{}}
}

// add returns the number of a path.
func (s *pathSet) add(path string) int {
	if n, ok := s.fields[path]; ok {
		return n
	}
	n := len(s.fields)
	s.fields[path] = n
	for i := range len(path) {
		if path[i] == '.' {
			s.inner[path[:i]] = struct{}{}
		}
	}
	return n
}
