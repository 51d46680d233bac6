import { describe, expect, test } from '@jest/globals';
import { nearNames } from '../../../shared/reporting/unknown/near-names.ts';

describe('names that may have been meant', () => {
  test.each([
    ['another case', 'Checkout-Button', ['checkout-button']],
    ['other signs between the words', 'checkout_button', ['checkout-button']],
    ['an accent', 'chéckout button', ['checkout-button']],
    ['a letter left out', 'chekout-button', ['checkout-button']],
    ['two letters changed', 'chackaut-button', ['checkout-button']],
    ['a part of it', 'checkout', ['checkout-button']],
    ['more than it', 'checkout-button-2', ['checkout-button']],
    ['nothing like it', 'winter sale', []],
    ['nothing', '', []],
  ])('%s', (_, wanted, near) => {
    expect(nearNames(wanted, ['checkout-button', 'pricing', 'x'])).toEqual(near);
  });

  test('are five at most, the nearest first, each once', () => {
    const names = ['offer 1', 'offer 22', 'offer', 'offer', 'offer 3', 'offer 4', 'offer 5', 'offer 6'];
    const near = nearNames('ofer', names);
    expect(near).toHaveLength(5);
    expect(near[0]).toBe('offer');
  });
});
