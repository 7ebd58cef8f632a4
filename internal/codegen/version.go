package codegen

import (
	"reflect"

	"stormbus/internal/schema"
)

// version judges an event's schema that is about to change: old is the file as
// it stands.
func (c *comparison) version(f *File, old []byte) {
	before, known := c.lock.Events[f.Event]
	if f.Event == "" || !known || f.Version > before.Version {
		return
	}
	was, errWas := schema.Parse(f.Path, old)
	is, errIs := schema.Parse(f.Path, f.Content)
	if errWas == nil && errIs == nil && onlyAdds(was, is) {
		return
	}
	c.add(Unversioned, f.Path, "events."+f.Event+": the schema changed more than by optional fields; raise its v, so that its readers learn of it")
}

// onlyAdds reports whether a schema differs from the one before by more optional
// fields only, and by what is said about it.
func onlyAdds(was, is schema.Schema) bool {
	before := map[string]schema.Field{}
	for _, f := range was.Fields {
		before[f.Name] = f
	}
	for _, f := range is.Fields {
		old, ok := before[f.Name]
		switch {
		case !ok && f.Required:
			return false
		case !ok:
			continue
		case old.Required != f.Required || !onlyAdds(old.Schema, f.Schema):
			return false
		}
		delete(before, f.Name)
	}
	if len(before) > 0 || (was.Items == nil) != (is.Items == nil) {
		return false
	}
	if was.Items != nil && !onlyAdds(*was.Items, *is.Items) {
		return false
	}
	return reflect.DeepEqual(bare(was), bare(is))
}

// bare is a schema without its parts and without what is said about it.
func bare(s schema.Schema) schema.Schema {
	s.Fields, s.Items, s.Description, s.Personal = nil, nil, "", false
	return s
}
