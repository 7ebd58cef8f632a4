package project

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"stormbus/internal/board"
	"stormbus/internal/codegen"
	"stormbus/internal/plan"
)

// BoardFile is the file that makes a folder a project.
const BoardFile = "storm.yaml"

// ErrNoBoard says that a folder has no board, and so is no project.
var ErrNoBoard = errors.New("there is no " + BoardFile)

// Project is a folder with a board.
type Project struct {
	dir string // as it was named: paths in messages begin with it
}

// Open returns the project in a folder. Its error is [ErrNoBoard] if the folder
// has no board, or is not there.
func Open(dir string) (*Project, error) {
	switch info, err := os.Stat(filepath.Join(dir, BoardFile)); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, ErrNoBoard
	case err != nil:
		return nil, fmt.Errorf("open the project: %w", err)
	case info.IsDir():
		return nil, fmt.Errorf("open the project: %s is a folder, and should be the file of the board", filepath.Join(dir, BoardFile))
	}
	return &Project{dir: filepath.Clean(dir)}, nil
}

// Dir returns the project's folder.
func (p *Project) Dir() string { return p.dir }

// shown returns a path, named from the project's folder, as a person at the
// terminal can open it.
func (p *Project) shown(name string) string { return filepath.Join(p.dir, filepath.FromSlash(name)) }

// prefix goes before paths that are named from the project's folder.
func (p *Project) prefix() string {
	if p.dir == "." {
		return ""
	}
	return p.dir + string(filepath.Separator)
}

// root opens the project's folder for what must not leave it.
func (p *Project) root() (*os.Root, error) {
	root, err := os.OpenRoot(p.dir)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.dir, explain(err))
	}
	return root, nil
}

// State is what a board says at one moment, and what follows from it.
type State struct {
	Board *board.Board
	Plan  *plan.Plan
	Files []codegen.File
}

// Load reads, checks and plans the board. All that is wrong with it is told at
// once, with file, line and remedy, as an error of one line for each.
func (p *Project) Load() (*State, error) {
	text, err := p.readBoard()
	if err != nil {
		return nil, err
	}
	return p.parse(text, p.read)
}

// readBoard reads the board's file.
func (p *Project) readBoard() ([]byte, error) {
	file, err := os.Open(p.shown(BoardFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: it is gone; put it back (`git checkout %s`)", p.shown(BoardFile), BoardFile)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.shown(BoardFile), explain(err))
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, board.MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.shown(BoardFile), explain(err))
	}
	return text, nil
}

// parse makes a State of a board's text; read returns a file beside the board.
func (p *Project) parse(text []byte, read func(name string) ([]byte, error)) (*State, error) {
	f, err := board.Parse(p.shown(BoardFile), text)
	if err != nil {
		return nil, err
	}
	if problems := f.Check(); len(problems) > 0 {
		return nil, problems
	}
	s := &State{Board: f.Board()}
	if s.Plan, err = plan.Of(s.Board, read); err != nil {
		return nil, p.placed(f, err)
	}
	if s.Files, err = codegen.Files(s.Board, s.Plan); err != nil {
		return nil, p.placed(f, err)
	}
	return s, nil
}

// read returns a file beside the board, which no link and no name leads away
// from.
func (p *Project) read(name string) ([]byte, error) {
	root, err := p.root()
	if err != nil {
		return nil, err
	}
	defer root.Close()
	text, err := root.ReadFile(filepath.FromSlash(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("there is no such file")
	}
	if err != nil {
		return nil, explain(err)
	}
	return text, nil
}

// placed gives the problems of a plan, or of what is generated, the lines of the
// items that they are about.
func (p *Project) placed(f *board.File, err error) error {
	problems, ok := errors.AsType[plan.Problems](err)
	if !ok {
		return fmt.Errorf("%s: %w", p.shown(BoardFile), err)
	}
	placed := make(board.Problems, len(problems))
	for i, one := range problems {
		section, item, _ := strings.Cut(one.Items[0], ".")
		line := f.Line(section, item)
		for line == 0 && strings.Contains(item, ".") {
			item = item[:strings.LastIndexByte(item, '.')] // it is about a part of an item
			line = f.Line(section, item)
		}
		placed[i] = board.Problem{
			File: p.shown(BoardFile), Line: max(1, line), Column: 1, Path: strings.Join(one.Items, ", "), Message: one.Message, Remedy: one.Remedy,
		}
	}
	return placed
}
