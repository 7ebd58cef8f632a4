package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/cockroachdb/pebble/v2"
)

// Report is what Verify found.
type Report struct {
	Logs    int   `json:"logs"`   // write-ahead logs read
	Tables  int   `json:"tables"` // table files read
	Bytes   int64 `json:"bytes"`  // of all files read
	Rows    int64 `json:"rows"`
	Timers  int64 `json:"timers"`
	Changes int64 `json:"changes"` // records of change feeds
	Blobs   int   `json:"blobs"`
	// Orphans counts blobs that no row refers to. They take space and do no
	// harm.
	Orphans     int   `json:"orphans"`
	OrphanBytes int64 `json:"orphanBytes"`
	// Problems lists what is wrong, at most maxProblems of it; Found counts
	// all.
	Problems []Problem `json:"problems"`
	Found    int       `json:"found"`
}

// Problem is one thing that is not as it was written.
type Problem struct {
	File   string `json:"file,omitempty"`   // from the store's directory
	Offset *int64 `json:"offset,omitempty"` // in File, in bytes, if known
	Part   *Part  `json:"partition,omitempty"`
	Row    string `json:"row,omitempty"` // its key without the partition, quoted
	What   string `json:"what"`
}

// String returns the problem in one line.
func (p Problem) String() string {
	switch {
	case p.File != "" && p.Offset != nil:
		return fmt.Sprintf("%s, byte %d: %s", p.File, *p.Offset, p.What)
	case p.File != "":
		return fmt.Sprintf("%s: %s", p.File, p.What)
	case p.Part != nil && p.Row != "":
		return fmt.Sprintf("partition %d, row %s: %s", *p.Part, p.Row, p.What)
	case p.Part != nil:
		return fmt.Sprintf("partition %d: %s", *p.Part, p.What)
	}
	return p.What
}

// maxProblems bounds the report on a directory that is full of them.
const maxProblems = 100

// Verify reads everything in the store's directory, which no process may have
// open, and reports what is not as it was written: files, rows, the agreement
// of rows with each other, and blobs. It changes nothing. The error says why
// it could not look; what it found is in the report.
func Verify(ctx context.Context, dir string, o Offline) (rep Report, err error) {
	o = o.withDefaults()
	lock, err := lockStore(o.FS, dir)
	if err != nil {
		return Report{}, fmt.Errorf("verify: %w", err)
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	v := &verifier{o: o, dir: dir, engine: o.FS.PathJoin(dir, engineDir), referenced: map[Digest]Part{}, inline: map[Digest]int64{}}
	v.rep.Problems = []Problem{}
	if err := v.all(ctx); err != nil {
		return v.rep, fmt.Errorf("verify %s: %w", dir, err)
	}
	return v.rep, nil
}

// verifier is one run of Verify.
type verifier struct {
	o          Offline
	dir        string
	engine     string // the engine's directory
	rep        Report
	referenced map[Digest]Part  // blobs that rows refer to
	inline     map[Digest]int64 // blobs that are rows, and their sizes in bytes
	complete   bool             // all rows could be read
}

func (v *verifier) found(p Problem) {
	v.rep.Found++
	if len(v.rep.Problems) < maxProblems {
		v.rep.Problems = append(v.rep.Problems, p)
	}
}

func (v *verifier) inFile(name string, offset int64, what string) {
	p := Problem{File: name, What: what}
	if offset >= 0 {
		p.Offset = &offset
	}
	v.found(p)
}

// oneLine returns the first line of what err says: the engine adds more.
func oneLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// all looks at the files first, since they can be named; then at what the
// engine makes of them.
func (v *verifier) all(ctx context.Context) error {
	if err := v.manifest(); err != nil {
		return err
	}
	if err := v.logs(ctx); err != nil {
		return err
	}
	db, err := openEngineReadOnly(v.o.FS, v.dir, v.o.Logger)
	if err != nil {
		v.inFile(engineDir, -1, "the storage engine cannot open it, so no row was looked at: "+oneLine(err))
		if err := v.allTables(ctx); err != nil {
			return err
		}
		return v.blobs(ctx)
	}
	err = v.contents(ctx, db)
	return errors.Join(err, db.Close())
}

// contents looks at the tables that are in use, the rows and the blobs.
func (v *verifier) contents(ctx context.Context, db *pebble.DB) error {
	damaged, err := v.liveTables(ctx, db)
	if err != nil {
		return err
	}
	// Where blocks cannot be read, that the levels disagree is no news.
	if !damaged {
		if err := db.CheckLevels(nil); err != nil {
			v.inFile(engineDir, -1, "the levels of tables contradict each other: "+oneLine(err))
		}
	}
	if err := v.rows(ctx, db); err != nil {
		return err
	}
	if err := v.watermark(db); err != nil {
		return err
	}
	return v.blobs(ctx)
}
