package main

import (
	"fmt"
	"os"
	"strings"
)

// noDir stands for the directory of a model that the module does not have.
const noDir = "-"

// listed is one service of the list.
type listed struct {
	Package    string
	Dir        string // of its model in the module, or noDir
	Newer      string // of its model in botocore
	Operations []string
	All        bool
}

// readList reads the list of services and operations.
func readList(path string) ([]listed, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the list of services: %w", err)
	}
	var services []listed
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		switch {
		case len(words) == 0:
		case line[0] != ' ' && line[0] != '\t':
			if len(words) != 3 {
				return nil, fmt.Errorf("%s: line %q: want a package and two directories", path, line)
			}
			services = append(services, listed{Package: words[0], Dir: words[1], Newer: words[2]})
		case len(services) == 0:
			return nil, fmt.Errorf("%s: operations %q before the first service", path, words)
		default:
			s := &services[len(services)-1]
			for _, w := range words {
				if w == "*" {
					s.All = true
				} else {
					s.Operations = append(s.Operations, w)
				}
			}
		}
	}
	return services, nil
}
