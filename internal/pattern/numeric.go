package pattern

import "math"

// cannotCompare is the complaint about a number that is not comparable. One whose
// exponent Java cannot hold has another.
func cannotCompare(number string) string {
	_, fraction, exponent := splitNumber(number)
	if exponent -= int64(len(fraction)); exponent > math.MaxInt32 || exponent < -math.MaxInt32 {
		return "value exceeds limits"
	}
	return "Cannot compare number : " + number
}

// numeric compiles the operand of numeric: one comparison, or a lower and then
// an upper bound.
func (c *compiler) numeric() (test, error) {
	if err := c.expect(startArray, "Value of numeric must be an array."); err != nil {
		return nil, err
	}
	t, err := c.next()
	if err != nil {
		return nil, err
	}
	if t.kind != stringValue {
		return nil, c.fail("Invalid member in numeric match: %s", t.text)
	}
	op, err := c.str()
	if err != nil {
		return nil, err
	}
	switch op {
	case "=":
		n, err := c.bound("equals", true)
		if err != nil {
			return nil, err
		}
		f, err := c.float(n)
		return numberRange{low: f, high: f}, err
	case "<", "<=":
		n, err := c.bound(op, true)
		if err != nil {
			return nil, err
		}
		f, err := c.float(n)
		return numberRange{low: math.Inf(-1), high: f, highOpen: op == "<"}, err
	case ">", ">=":
		return c.lower(op)
	}
	if _, err := c.next(); err != nil {
		return nil, err
	}
	return nil, c.fail("Unrecognized numeric range operator: %s", op)
}

// bound reads the number of a comparison, and the end of the list if it has to
// come next.
func (c *compiler) bound(op string, last bool) (string, error) {
	t, err := c.next()
	if err != nil {
		return "", err
	}
	if t.kind != numberValue {
		return "", c.fail("Value of %s must be numeric", op)
	}
	if last {
		err = c.expect(endArray, tooManyElements)
	}
	return t.text, err
}

func (c *compiler) float(text string) (float64, error) {
	f, ok := comparable(text)
	if !ok {
		return 0, c.fail("%s", cannotCompare(text))
	}
	return f, nil
}

// lower compiles a range that begins with a lower bound.
func (c *compiler) lower(op string) (test, error) {
	low, err := c.bound(op, false)
	if err != nil {
		return nil, err
	}
	t, err := c.next()
	if err != nil {
		return nil, err
	}
	r := numberRange{high: math.Inf(1), lowOpen: op == ">"}
	if t.kind == endArray {
		r.low, err = c.float(low)
		return r, err
	}
	if t.kind != stringValue {
		return nil, c.fail("Bad value in numeric range: %s", t.text)
	}
	second, err := c.str()
	if err != nil {
		return nil, err
	}
	if second != "<" && second != "<=" {
		return nil, c.fail("Bad numeric range operator: %s", second)
	}
	high, err := c.bound(second, false)
	if err != nil {
		return nil, err
	}
	if err := c.expect(endArray, "Too many terms in numeric range expression"); err != nil {
		return nil, err
	}
	if r.low, err = c.float(low); err != nil {
		return nil, err
	}
	if r.high, err = c.float(high); err != nil {
		return nil, err
	}
	if r.low >= r.high {
		return nil, c.fail("Bottom must be less than top")
	}
	r.highOpen = second == "<"
	return r, nil
}
