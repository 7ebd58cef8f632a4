package pattern

const onlyOneKey = "Only one key allowed in match expression"

// expression compiles an object inside a leaf array, whose bracket has been
// read, and adds what it means to the clause.
func (c *compiler) expression(cl *clause, lits *literals) error {
	t, err := c.next()
	if err != nil {
		return err
	}
	if t.kind != fieldName {
		return c.fail("Match expression name not found")
	}
	var made test
	closing := onlyOneKey
	switch t.text {
	case "exactly":
		var s string
		if s, err = c.operand("exact match pattern must be a string"); err == nil {
			lits.addExact(s)
		}
	case "prefix":
		made, err = c.edge(foldPrefix, "prefix", "Prefix")
	case "suffix":
		made, err = c.edge(foldSuffix, "suffix", "Suffix")
	case "equals-ignore-case":
		var s string
		if s, err = c.operand("equals-ignore-case match pattern must be a string"); err == nil {
			made = newFold(s, foldWhole)
		}
	case "wildcard":
		var s string
		if s, err = c.operand("wildcard match pattern must be a string"); err == nil {
			made, err = c.glob(s)
		}
	case "cidr":
		var s string
		if s, err = c.operand("prefix match pattern must be a string"); err == nil {
			made, err = c.cidr(s)
		}
	case "numeric":
		made, err = c.numeric()
		closing = tooManyElements
	case "anything-but":
		made, err = c.anythingBut()
		closing = tooManyElements
	case "exists":
		made, err = c.exists(cl)
	default:
		return c.fail("Unrecognized match type %s", t.text)
	}
	if err != nil {
		return err
	}
	if made != nil {
		cl.tests = append(cl.tests, made)
	}
	return c.expect(endObject, closing)
}

// expect reads a token and complains if it is of another kind.
func (c *compiler) expect(kind tokenKind, complaint string) error {
	t, err := c.next()
	if err == nil && t.kind != kind {
		err = c.fail("%s", complaint)
	}
	return err
}

// operand reads a string.
func (c *compiler) operand(complaint string) (string, error) {
	if err := c.expect(stringValue, complaint); err != nil {
		return "", err
	}
	return c.str()
}

// edge compiles the operand of prefix or suffix.
func (c *compiler) edge(where foldWhere, name, title string) (test, error) {
	t, err := c.next()
	if err != nil {
		return nil, err
	}
	switch t.kind {
	case stringValue:
		s, err := c.str()
		if err != nil {
			return nil, err
		}
		return newEdge(s, where), nil
	case startObject:
		if t, err = c.next(); err != nil {
			return nil, err
		}
		if t.kind != fieldName {
			return nil, c.fail("%s expression name not found", title)
		}
		if t.text != "equals-ignore-case" {
			return nil, c.fail("Unsupported %s pattern: %s", name, t.text)
		}
		s, err := c.operand("equals-ignore-case match pattern must be a string")
		if err != nil {
			return nil, err
		}
		return newFold(s, where), c.expect(endObject, onlyOneKey)
	default:
		return nil, c.fail("%s match pattern must be a string", name)
	}
}

// glob compiles a wildcard operand.
func (c *compiler) glob(s string) (test, error) {
	c.wildcard = true
	g, pos, reason := newGlob(s)
	if reason != "" {
		return nil, c.fail("%s at pos %d", reason, pos)
	}
	return g, nil
}

// exists compiles the operand of exists. exists:false is a property of the
// clause, since no value can satisfy it.
func (c *compiler) exists(cl *clause) (test, error) {
	t, err := c.next()
	switch {
	case err != nil:
		return nil, err
	case t.kind == trueValue:
		return anyValue{}, nil
	case t.kind == falseValue:
		cl.absent = true
		return nil, nil
	}
	return nil, c.fail("exists match pattern must be either true or false.")
}
