# SPDX-License-Identifier: Apache-2.0
# A headless Chromium, and whoever looks through it.
from selenium import webdriver
from selenium.common.exceptions import NoAlertPresentException, StaleElementReferenceException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from stage import PICTURES, wait_for

OPTIONS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage",
           "--no-first-run", "--disable-background-networking", "--disable-component-update")


class Browser:
    def __init__(self, directory):
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for option in (*OPTIONS, f"--user-data-dir={directory}"):
            options.add_argument(option)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        self.window(1280, 900)
        self.complaints = []

    def close(self):
        self.driver.quit()

    def window(self, width, height, scheme="light"):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                    {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia",
                                    {"features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def open(self, url):
        self.driver.get(url)

    def view(self, name):
        """By its link, as people go."""
        self.click(f"#views a[href='#{name}']")
        self.see(f".body.{name}")

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def see(self, selector, text=""):
        """Waits for an element that is shown and has this text."""
        def look():
            try:
                return next((each for each in self.all(selector) if each.is_displayed() and text in each.text), None)
            except StaleElementReferenceException:
                return None  # drawn anew meanwhile
        return wait_for(look, f"{selector} with “{text}” to be seen")

    def gone(self, selector, text=""):
        def look():
            try:
                return not any(each.is_displayed() and text in each.text for each in self.all(selector))
            except StaleElementReferenceException:
                return False
        wait_for(look, f"{selector} with “{text}” to go")

    def click(self, selector, text=""):
        def press():
            try:
                self.see(selector, text).click()
                return True
            except StaleElementReferenceException:
                return False
        wait_for(press, f"{selector} with “{text}” to be clicked")

    def write(self, selector, text):
        field = self.see(selector)
        field.clear()
        field.send_keys(text)

    def press(self, key):
        ActionChains(self.driver).send_keys({"tab": Keys.TAB, "enter": Keys.ENTER, "escape": Keys.ESCAPE}[key]).perform()

    def script(self, text, *arguments):
        return self.driver.execute_script(text, *arguments)

    def picture(self, name):
        self.driver.save_screenshot(str(PICTURES / f"{name}.png"))

    def has_alert(self):
        try:
            return bool(self.driver.switch_to.alert)
        except NoAlertPresentException:
            return False

    def violations(self):
        """What the browser itself complained of since it was last asked: its policy, and broken scripts."""
        told = [each["message"] for each in self.driver.get_log("browser")]
        marks = ("Content Security Policy", "Trusted", "Uncaught", "Refused to")
        return [each for each in told if any(mark in each for mark in marks)]
