// Assignment
