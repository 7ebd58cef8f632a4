package plan

import (
	"fmt"
	"slices"
	"strings"

	"stormbus/internal/board"
)

// The longest names that AWS takes, in characters.
const (
	maxFunctionName = 64
	maxRuleName     = 64
	maxTableName    = 255
	maxBusName      = 256
)

// keywords are the words of Python, in small letters, that name no module.
var keywords = []string{
	"and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else", "except", "finally", "for",
	"from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
}

// Module returns the Python identifier that is named after an item: its slug in
// snake case. One that would be a keyword ends with an underscore, and one that
// would begin with a digit begins with one.
func Module(name string) string {
	module := strings.ReplaceAll(board.Slug(name), "-", "_")
	switch {
	case slices.Contains(keywords, module):
		return module + "_"
	case module != "" && module[0] >= '0' && module[0] <= '9':
		return "_" + module
	}
	return module
}

// folderOf is the folder of a service's code.
func folderOf(service string) string { return "services/" + board.Slug(service) }

// name joins the slugs of names, after the board's.
func (p *planner) name(parts ...string) string {
	all := []string{p.plan.Name}
	for _, part := range parts {
		all = append(all, board.Slug(part))
	}
	return strings.Join(all, "-")
}

// claim takes a name for an item. It is a problem if the name is too long, or
// if another item has it.
func (p *planner) claim(kind Kind, name string, longest int, item string) bool {
	if len(name) > longest {
		p.problem(fmt.Sprintf("the %s would be named %s, which has %d characters of at most %d", kind, name, len(name), longest),
			"give it, its service or the board a shorter name", item)
		return false
	}
	key := string(kind) + " " + name
	if other, ok := p.taken[key]; ok {
		p.problem(fmt.Sprintf("both would be the %s %s", kind, name), "change one of them", other, item)
		return false
	}
	p.taken[key] = item
	return true
}
