package codegen

import (
	"slices"
	"strconv"
	"strings"

	"stormbus/internal/board"
)

// keywords are the words of Python that name nothing else.
var keywords = []string{
	"False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else", "except",
	"finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try",
	"while", "with", "yield",
}

// takenFields are names that a field of a generated class must not have: types
// that stand in its annotations, methods of its base, and members of pydantic's.
var takenFields = []string{
	"str", "int", "float", "bool", "list", "dict", "from_dict", "to_dict", "copy", "json", "schema", "construct", "validate",
	"parse_obj", "parse_raw", "parse_file", "from_orm", "update_forward_refs", "schema_json", "dataclasses",
}

// takenClasses are names that stand in the generated module of classes.
var takenClasses = []string{"Any", "ClassVar", "Literal", "Event", "Model", "Field", "TypedDict"}

// names gives out names of Python, each once. Two that differ in small and
// capital letters only are taken for the same, since files are named after them.
type names struct{ taken map[string]bool }

func newNames(taken ...string) *names {
	n := &names{taken: map[string]bool{}}
	for _, name := range taken {
		n.taken[strings.ToLower(name)] = true
	}
	return n
}

// give returns a name, with a number after it if it is taken.
func (n *names) give(name string) string {
	if slices.Contains(keywords, name) {
		name += "_"
	}
	free := name
	for i := 2; n.taken[strings.ToLower(free)]; i++ {
		free = strings.TrimSuffix(name, "_") + "_" + strconv.Itoa(i)
	}
	n.taken[strings.ToLower(free)] = true
	return free
}

// snake is a name as functions, modules and fields have it, or "" if it has no
// letter or digit.
func snake(name string) string {
	s := strings.ReplaceAll(board.Slug(name), "-", "_")
	if s != "" && s[0] >= '0' && s[0] <= '9' {
		return "n" + s
	}
	return s
}

// fieldName is a name as a field has it.
func fieldName(name string) string {
	s := snake(name)
	switch {
	case s == "":
		return "field"
	case slices.Contains(takenFields, s), strings.HasPrefix(s, "model_"):
		return s + "_"
	}
	return s
}

// className is a name as classes have it. One that is written as a class already
// stays as it is.
func className(name string) string {
	if isClassName(name) {
		return name
	}
	var b strings.Builder
	for word := range strings.SplitSeq(board.Slug(name), "-") {
		if word != "" {
			b.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	s := b.String()
	if s == "" || s[0] >= '0' && s[0] <= '9' {
		return "N" + s
	}
	return s
}

func isClassName(name string) bool {
	if name == "" || name[0] < 'A' || name[0] > 'Z' {
		return false
	}
	return !strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
	})
}
