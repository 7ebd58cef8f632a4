package pattern

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// survey lists the paths of an event, of all values and not only of those that a
// pattern reads. It knows the first ones only if there are very many.
type survey struct {
	spots  []spot // in the order of the text
	byPath map[string]int
	cut    bool // something was left out
}

// spot is one path of an event.
type spot struct {
	path   string
	leaf   bool   // a string, a number, true, false or null stands there
	object bool   // an object stands there
	json   string // of the first string that holds a JSON object or array
}

// Bounds of a survey.
const (
	maxSpots = 4096
	maxPath  = 512 // bytes
)

// surveyed returns the survey of the document.
func (x *explainer) surveyed() *survey {
	if x.survey == nil {
		x.survey = &survey{}
		if env := x.doc.Env; env != nil {
			x.survey.envelope(env)
			x.survey.read("detail", x.doc.Data)
		} else {
			x.survey.read("", x.doc.Data)
		}
	}
	if x.survey.cut {
		x.note("the event has so many paths that not all were compared")
	}
	return x.survey
}

// at returns what stands at a path, nil if nothing does.
func (s *survey) at(path string) *spot {
	if i, ok := s.byPath[path]; ok {
		return &s.spots[i]
	}
	return nil
}

// add returns the spot of a path, which is added if need be; nil if there are
// too many.
func (s *survey) add(path string) *spot {
	if p := s.at(path); p != nil {
		return p
	}
	if len(s.spots) == maxSpots {
		s.cut = true
		return nil
	}
	if s.byPath == nil {
		s.byPath = map[string]int{}
	}
	s.byPath[path] = len(s.spots)
	s.spots = append(s.spots, spot{path: path})
	return &s.spots[len(s.spots)-1]
}

// envelope adds the fields that are known without reading JSON.
func (s *survey) envelope(e *Envelope) {
	paths := []string{"version", "id", "source", "detail-type", "account", "region", "time"}
	if e.ReplayName != "" {
		paths = append(paths, "replay-name")
	}
	if len(e.Resources) > 0 {
		paths = append(paths, "resources")
	}
	for _, path := range paths {
		s.add(path).leaf = true
	}
}

// errFull ends a survey that has found enough.
var errFull = errors.New("survey is full")

// read adds what is in a document that stands at a path. A document that is not
// JSON is read up to where it is.
func (s *survey) read(path string, data []byte) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if err := s.value(dec, path); err != nil && !errors.Is(err, io.EOF) {
		s.cut = true
	}
}

// value adds the value that comes next.
func (s *survey) value(dec *json.Decoder, path string) error {
	t, err := dec.Token()
	if err != nil {
		return err
	}
	if t == json.Delim('[') {
		if !dec.More() {
			s.add(path)
		}
		for dec.More() {
			if err := s.value(dec, path); err != nil {
				return err
			}
		}
		_, err = dec.Token()
		return err
	}
	p := s.add(path)
	if p == nil {
		return errFull
	}
	if t == json.Delim('{') {
		p.object = true
		return s.object(dec, path)
	}
	p.leaf = true
	if text, ok := t.(string); ok && p.json == "" && len(text) > 0 && (text[0] == '{' || text[0] == '[') && json.Valid([]byte(text)) {
		p.json = text
	}
	return nil
}

// object adds the members of an object whose bracket has been read.
func (s *survey) object(dec *json.Decoder, path string) error {
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return err
		}
		name, _ := t.(string)
		if path != "" {
			name = path + "." + name
		}
		if len(name) > maxPath {
			s.cut = true
			var skipped json.RawMessage
			err = dec.Decode(&skipped)
		} else {
			err = s.value(dec, name)
		}
		if err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return err
}
