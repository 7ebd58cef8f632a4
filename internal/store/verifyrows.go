package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"

	"github.com/cockroachdb/pebble/v2"
)

// rows looks at every row: that its prefix and version are known, that the
// store's own rows decode, and that those that belong together agree.
func (v *verifier) rows(ctx context.Context, db *pebble.DB) error {
	c := &rowCheck{v: v, db: db, spaces: append(spaces(ownSpaces()), v.o.Spaces...)}
	parts, err := layoutOf(db)
	if err != nil && !damage(err) { // what cannot be read will be met again
		v.found(Problem{Part: new(Part), Row: strconv.Quote(layoutKey), What: oneLine(err)})
	}
	c.parts = parts
	err = walkRows(ctx, db, c.row)
	c.endPart()
	if errors.Is(err, ErrDamaged) {
		// The tables have been named. What is behind cannot be judged.
		p := Problem{What: "no row can be read: " + oneLine(err)}
		if c.begun {
			p = Problem{Part: &c.at.id, Row: strconv.Quote(string(c.last)), What: "the rows behind this one cannot be read: " + oneLine(err)}
		}
		v.found(p)
		return nil
	}
	v.complete = err == nil
	return err
}

// layoutOf returns how many partitions the database has, meta included; 0 if
// the row is missing.
func layoutOf(r pebble.Reader) (int, error) {
	meta := &reading{part: Meta, r: r}
	row, ok := meta.Get([]byte(layoutKey))
	if meta.err != nil {
		return 0, fmt.Errorf("the number of partitions: %w", meta.err)
	}
	if !ok {
		return 0, fmt.Errorf("%w: the number of partitions is missing", ErrDamaged)
	}
	n, err := decodeLayout(row)
	return n + 1, err
}

// rowCheck sees all rows in order.
type rowCheck struct {
	v      *verifier
	db     *pebble.DB
	spaces spaces
	parts  int // 0 if unknown
	at     partCheck
	begun  bool
	last   []byte // the key before, without the partition
}

// partCheck is what is known of the partition that is being looked at.
type partCheck struct {
	id     Part
	state  state
	timers int64 // rows of tm/
	index  int64 // rows of tmx/
	feed   feedCheck
}

const progressRows = 1 << 14 // rows between two calls of Progress

func (c *rowCheck) row(p Part, k, val []byte) error {
	if !c.begun || p != c.at.id {
		c.endPart()
		c.beginPart(p)
	}
	c.last = append(c.last[:0], k...)
	if c.v.rep.Rows++; c.v.rep.Rows%progressRows == 0 {
		c.v.o.Progress(Progress{Stage: "rows", Done: c.v.rep.Rows})
	}
	if what := c.judge(k, val); what != "" {
		c.bad(k, what)
	}
	return nil
}

func (c *rowCheck) bad(k []byte, what string) {
	part := c.at.id
	c.v.found(Problem{Part: &part, Row: strconv.Quote(string(k)), What: what})
}

func (c *rowCheck) beginPart(p Part) {
	c.begun = true
	c.at = partCheck{id: p, feed: newFeedCheck()}
	if c.parts > 0 && int(p) >= c.parts {
		c.v.found(Problem{Part: &p, What: fmt.Sprintf("there are only %d partitions", c.parts)})
	}
	st, err := readState(c.db, p)
	if err != nil {
		c.bad([]byte(stateKey), oneLine(err))
	}
	c.at.state = st
}

// endPart compares what was counted.
func (c *rowCheck) endPart() {
	if !c.begun {
		return
	}
	// Each timer has been found in the index. So there are as many of both,
	// or the index knows timers that do not exist.
	if c.at.timers < c.at.index {
		part := c.at.id
		c.v.found(Problem{Part: &part, What: fmt.Sprintf("the index knows %d timers and there are %d", c.at.index, c.at.timers)})
	}
	for _, what := range c.at.feed.end() {
		part := c.at.id
		c.v.found(Problem{Part: &part, What: what})
	}
	c.v.rep.Timers += c.at.timers
}

// judge says what is wrong with a row; it is empty if nothing is.
func (c *rowCheck) judge(k, v []byte) string {
	s, known := c.spaces.find(k)
	if !known {
		if c.v.o.Spaces == nil && !ownKey(k) {
			return ""
		}
		return "no part of the program writes rows with such a key: it is damaged, or of a newer version"
	}
	if c.at.id == Meta && !s.Meta || c.at.id != Meta && !s.Data {
		return fmt.Sprintf("rows of %s do not belong into this partition", s.Prefix)
	}
	if len(v) == 0 {
		return "the value is empty: it has no version"
	}
	if bytes.IndexByte(s.Versions, v[0]) < 0 {
		return fmt.Sprintf("the value has version %d, which this program cannot read", v[0])
	}
	if err := c.own(s.Prefix, k, v); err != nil {
		return oneLine(err)
	}
	return ""
}

// own decodes the store's own rows and compares those that belong together.
func (c *rowCheck) own(space string, k, v []byte) error {
	switch space {
	case changePrefix:
		c.v.rep.Changes++
		return c.at.feed.change(c.at.state, k, v)
	case trimPrefix:
		return c.at.feed.trim(v)
	case timerPrefix:
		return c.timer(k, v)
	case timerIndex:
		return c.index(k, v)
	case blobPrefix:
		return c.reference(k, v)
	case inlinePrefix:
		return c.inline(k, v)
	case "once/":
		return c.once(k, v)
	case "id/":
		return size(v, 5)
	}
	return nil
}

func size(v []byte, want int) error {
	if len(v) != want {
		return fmt.Errorf("the value has %d bytes, want %d", len(v), want)
	}
	return nil
}

func (c *rowCheck) timer(k, v []byte) error {
	c.at.timers++
	r, err := decodeTimer(k, v)
	if err != nil {
		return err
	}
	index, ok := (&reading{part: c.at.id, r: c.db}).Get(timerIndexKey(r.kind, r.id))
	if !ok {
		return errors.New("the timer is not in the index: it cannot be moved or stopped")
	}
	if ms, rest, ok := ReadUint64(index[min(1, len(index)):]); !ok || len(rest) > 0 || ms != r.ms {
		return errors.New("the index has another time for this timer")
	}
	return nil
}

func (c *rowCheck) index(k, v []byte) error {
	c.at.index++
	kind, id, ok := ReadString(k[len(timerIndex):])
	if !ok {
		return errors.New("the key cannot be decoded")
	}
	if err := size(v, 9); err != nil {
		return err
	}
	ms, _, _ := ReadUint64(v[1:])
	if _, ok := (&reading{part: c.at.id, r: c.db}).Get(timerKey(ms, kind, id)); !ok {
		return errors.New("the index has a timer that does not exist")
	}
	return nil
}

func (c *rowCheck) reference(k, v []byte) error {
	if err := errors.Join(size(v, 9), size(k[len(blobPrefix):], len(Digest{}))); err != nil {
		return err
	}
	if n, _, _ := ReadUint64(v[1:]); n == 0 || n > 1<<62 {
		return fmt.Errorf("%d references", n)
	}
	c.v.referenced[Digest(k[len(blobPrefix):])] = c.at.id
	return nil
}

// inline compares a small blob with its name.
func (c *rowCheck) inline(k, v []byte) error {
	if err := size(k[len(inlinePrefix):], len(Digest{})); err != nil {
		return err
	}
	d := Digest(k[len(inlinePrefix):])
	if sha256.Sum256(v[1:]) != d {
		return fmt.Errorf("the content of the blob %s is not what its name says", d)
	}
	c.v.inline[d] = int64(len(v) - 1)
	return nil
}

// once looks for the timer that removes the row.
func (c *rowCheck) once(k, v []byte) error {
	if _, _, ok := ReadTime(v[1:]); !ok {
		return errors.New("the end of the window cannot be decoded")
	}
	if _, ok := (&reading{part: c.at.id, r: c.db}).Get(timerIndexKey(OnceTimer, k)); !ok {
		return errors.New("no timer will ever remove this row")
	}
	return nil
}
