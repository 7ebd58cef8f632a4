package pattern

const (
	tooManyElements = "Too many elements in numeric expression"
	butOperand      = "Value of anything-but must be an array or single string/number value."
	butList         = "Inside anything but list, start|null|boolean is not supported."
	butMixed        = "Inside anything but list, either all values are number or string, mixed type is not supported"
	butFold         = "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported."
	butEdge         = "prefix/suffix match pattern must be a string"
	butEmpty        = "Null prefix/suffix not allowed"
	butGlob         = "wildcard match pattern must be a string"
)

// anythingBut compiles the operand of anything-but.
func (c *compiler) anythingBut() (test, error) {
	t, err := c.next()
	if err != nil {
		return nil, err
	}
	var lits literals
	switch t.kind {
	case startObject:
		return c.anythingButObject()
	case startArray:
		return c.anythingButList()
	case stringValue:
		s, err := c.str()
		if err != nil {
			return nil, err
		}
		lits.addExact(s)
	case numberValue:
		if _, ok := comparable(t.text); !ok {
			return nil, c.bare("%s", cannotCompare(t.text))
		}
		lits.addNumber(t.text)
	default:
		return nil, c.fail(butOperand)
	}
	return none(lits.tests()), nil
}

// twice marks an error from inside a list: AWS wraps it once more on the way
// out, which repeats its location.
func twice(e *SyntaxError) error {
	e.Twice = true
	return e
}

// anythingButList compiles the list of anything-but itself.
func (c *compiler) anythingButList() (test, error) {
	var lits literals
	for {
		t, err := c.next()
		if err != nil {
			return nil, err
		}
		switch t.kind {
		case endArray:
			if (lits.texts == nil) == (lits.numbers == nil) {
				return nil, c.fail(butMixed)
			}
			return none(lits.tests()), nil
		case stringValue:
			s, err := c.str()
			if err != nil {
				return nil, err
			}
			lits.addExact(s)
		case numberValue:
			if _, ok := comparable(t.text); !ok {
				return nil, c.fail("%s", cannotCompare(t.text))
			}
			lits.addNumber(t.text)
		default:
			return nil, twice(c.fail(butList))
		}
	}
}

// anythingButObject compiles anything-but with an operator below it.
func (c *compiler) anythingButObject() (test, error) {
	t, err := c.next()
	if err != nil {
		return nil, err
	}
	if t.kind != fieldName {
		return nil, c.fail("Anything-But expression name not found")
	}
	var ops []string
	var make func(string) (test, error)
	complaint, empty := butEdge, butEmpty
	switch t.text {
	case "prefix":
		make = func(s string) (test, error) { return newEdge(s, foldPrefix), nil }
	case "suffix":
		make = func(s string) (test, error) { return newEdge(s, foldSuffix), nil }
	case "equals-ignore-case":
		make = func(s string) (test, error) { return newFold(s, foldWhole), nil }
		complaint, empty = butFold, ""
	case "wildcard":
		make = c.glob
		complaint, empty = butGlob, ""
	default:
		return nil, c.fail("Unsupported anything-but pattern: %s", t.text)
	}
	if ops, err = c.operands(complaint, empty); err != nil {
		return nil, err
	}
	tests := []test{}
	for _, s := range ops {
		t, err := make(s)
		if err != nil {
			return nil, err
		}
		tests = append(tests, t)
	}
	return none(tests), c.expect(endObject, tooManyElements)
}

// operands reads a string or a list of strings. An empty string is refused if
// there is a complaint for it.
func (c *compiler) operands(complaint, empty string) ([]string, error) {
	t, err := c.next()
	if err != nil {
		return nil, err
	}
	switch t.kind {
	case stringValue:
		s, err := c.str()
		if err == nil && s == "" && empty != "" {
			err = c.fail("%s", empty)
		}
		return []string{s}, err
	case numberValue:
		return nil, c.fail("%s", complaint)
	case startArray:
	default:
		return nil, c.fail(butOperand)
	}
	var out []string
	for {
		if t, err = c.next(); err != nil {
			return nil, err
		}
		switch t.kind {
		case endArray:
			if out == nil {
				return nil, c.fail(butMixed)
			}
			return out, nil
		case stringValue:
			s, err := c.str()
			if err != nil {
				return nil, err
			}
			if s == "" && empty != "" {
				return nil, twice(c.fail("%s", empty))
			}
			out = append(out, s)
		default:
			return nil, twice(c.fail("%s", complaint))
		}
	}
}
